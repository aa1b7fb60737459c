import { EventConnection, type ConnectionState, type LiveMessage } from './event-connection.js';

type Listener = (message: LiveMessage) => void;
type StateListener = (state: ConnectionState) => void;

/**
 * The gateway's stream for this tab. Browsers open about six HTTP/1.1 connections to one origin, so tabs share one through a
 * SharedWorker; where there is none each has its own.
 */
class LiveStream {
  private readonly listeners = new Map<string, Set<Listener>>();
  private readonly stateListeners = new Set<StateListener>();
  private port: MessagePort | undefined;
  private own: EventConnection | undefined;
  private state: ConnectionState = 'connecting';

  start(): void {
    if (this.port) return this.port.postMessage('start');
    if (this.own) return this.own.start();
    const receive = (message: LiveMessage) => this.receive(message);
    if (typeof SharedWorker === 'undefined') {
      this.own = new EventConnection('/v1/console/events', receive);
      return this.own.start();
    }
    const worker = new SharedWorker(new URL('./live-worker.ts', import.meta.url), {
      type: 'module',
      name: 'roundhouse-live',
    });
    this.port = worker.port;
    this.port.onmessage = ({ data }: MessageEvent<LiveMessage>) => receive(data);
    this.port.start();
    this.port.postMessage('start');
    // A worker cannot see that a tab is gone.
    window.addEventListener('pagehide', () => this.port?.postMessage('leave'));
    window.addEventListener('pageshow', ({ persisted }) => persisted && this.port?.postMessage('start'));
  }

  stop(): void {
    this.port?.postMessage('stop');
    this.own?.stop();
  }

  /** Answers how to unsubscribe. */
  on(event: string, listener: Listener): () => void {
    const set = this.listeners.get(event) ?? new Set();
    this.listeners.set(event, set.add(listener));
    return () => set.delete(listener);
  }

  onState(listener: StateListener): () => void {
    this.stateListeners.add(listener);
    return () => this.stateListeners.delete(listener);
  }

  readonly currentState = (): ConnectionState => this.state;

  private receive(message: LiveMessage): void {
    if (message.event === 'connection') {
      this.state = message.data as ConnectionState;
      for (const listener of this.stateListeners) listener(this.state);
    }
    for (const listener of this.listeners.get(message.event) ?? []) listener(message);
  }
}

export const liveStream = new LiveStream();
