export type ConnectionState = 'connecting' | 'open' | 'reconnecting' | 'stopped';

/** One event of the stream; `event` "connection" is about the stream itself. */
export interface LiveMessage {
  event: string;
  data: unknown;
}

/** Events that the gateway sends; EventSource only passes on those that are asked for by name. */
const eventNames = ['hello', 'jobs', 'stats', 'resync'];

// A gateway that restarts is back within seconds: half a second of waiting is not noticed, many tabs knocking at once would be.
const firstDelayMs = 500;
const longestDelayMs = 10_000;

/**
 * A stream that comes back by itself, after the last event that it has seen. EventSource alone gives up for good when the
 * answer is an error, as it is while a gateway starts.
 */
export class EventConnection {
  private source: EventSource | undefined;
  private timer: ReturnType<typeof setTimeout> | undefined;
  private lastEventId = '';
  private tries = 0;

  constructor(
    private readonly url: string,
    private readonly emit: (message: LiveMessage) => void,
  ) {}

  start(): void {
    if (this.source || this.timer !== undefined) return;
    this.open();
  }

  stop(): void {
    this.close();
    this.lastEventId = '';
    this.say('stopped');
  }

  private open(): void {
    this.timer = undefined;
    this.say(this.tries === 0 ? 'connecting' : 'reconnecting');
    const query = this.lastEventId === '' ? '' : `?last_event_id=${encodeURIComponent(this.lastEventId)}`;
    const source = new EventSource(`${this.url}${query}`);
    this.source = source;
    source.onopen = () => {
      this.tries = 0;
      this.say('open');
    };
    source.onerror = () => this.retry();
    for (const name of eventNames) source.addEventListener(name, (event) => this.pass(name, event as MessageEvent));
  }

  private pass(event: string, { data, lastEventId }: MessageEvent<string>): void {
    if (lastEventId !== '') this.lastEventId = lastEventId;
    this.emit({ event, data: JSON.parse(data) as unknown });
  }

  private retry(): void {
    this.close();
    this.tries += 1;
    this.say('reconnecting');
    const delay = Math.min(longestDelayMs, firstDelayMs * 1.6 ** (this.tries - 1));
    this.timer = setTimeout(() => this.open(), delay * (0.75 + Math.random() / 2));
  }

  private close(): void {
    clearTimeout(this.timer);
    this.timer = undefined;
    this.source?.close();
    this.source = undefined;
  }

  private say(state: ConnectionState): void {
    this.emit({ event: 'connection', data: state });
  }
}
