/// <reference lib="webworker" />
import { EventConnection, type LiveMessage } from './event-connection.js';

// One stream for all tabs of this browser.
const ports = new Set<MessagePort>();
// What a tab that comes later would otherwise wait for.
const latest = new Map<string, LiveMessage>();

const connection = new EventConnection('/v1/console/events', (message) => {
  if (message.event === 'connection' || message.event === 'stats') latest.set(message.event, message);
  for (const port of ports) port.postMessage(message);
});

function join(port: MessagePort): void {
  ports.add(port);
  connection.start();
  for (const message of latest.values()) port.postMessage(message);
}

(self as unknown as SharedWorkerGlobalScope).onconnect = ({ ports: [port] }) => {
  if (!port) return;
  port.onmessage = ({ data }: MessageEvent<'start' | 'leave' | 'stop'>) => {
    if (data === 'start') return join(port);
    if (data === 'leave') ports.delete(port);
    // Logged out: the cookie is all tabs', so the stream ends for all.
    if (data === 'stop' || ports.size === 0) {
      connection.stop();
      latest.clear();
    }
  };
  port.start();
};
