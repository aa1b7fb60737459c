import { randomInt } from 'node:crypto';
import { connect, createServer } from 'node:net';
import { Failure } from './failure.mjs';

// Below the range the kernel hands to outgoing connections (32768 and up on Linux): a remembered port stays free while we are down.
const lowest = 20_000;
const highest = 32_000;

export function isPortFree(port) {
  return new Promise((resolve) => {
    const server = createServer();
    server.once('error', () => resolve(false));
    server.listen({ port, host: '127.0.0.1', exclusive: true }, () => server.close(() => resolve(true)));
  });
}

/** A free loopback port that is not among `taken`. */
export async function freePort(taken = new Set()) {
  for (let attempt = 0; attempt < 200; attempt += 1) {
    const port = randomInt(lowest, highest);
    if (!taken.has(port) && (await isPortFree(port))) return port;
  }
  throw new Failure(`No free port between ${lowest} and ${highest} on 127.0.0.1.`);
}

/** True when something accepts connections at this port. */
export function isListening(port, host = '127.0.0.1', timeoutMs = 500) {
  return new Promise((resolve) => {
    const socket = connect({ port, host });
    const finish = (answer) => {
      socket.destroy();
      resolve(answer);
    };
    socket.setTimeout(timeoutMs, () => finish(false));
    socket.once('connect', () => finish(true));
    socket.once('error', () => finish(false));
  });
}
