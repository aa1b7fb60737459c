import { connect, type Socket } from 'node:net';
import type { Answer } from '../platform/client.js';

/** A connection on which anything can be sent, HTTP or not. */
export class RawClient {
  private received = '';
  /** When the gateway has closed it, or it has broken: then with the error's code. */
  readonly ended: Promise<string | undefined>;

  private constructor(private readonly socket: Socket) {
    socket.setEncoding('utf8').on('data', (part: string) => (this.received += part));
    this.ended = new Promise((resolve) => {
      socket.once('error', (error: NodeJS.ErrnoException) => resolve(error.code));
      socket.once('close', () => resolve(undefined));
    });
  }

  static async open(gateway: string): Promise<RawClient> {
    const { hostname, port } = new URL(gateway);
    const socket = connect({ host: hostname, port: Number(port) });
    await new Promise((resolve, reject) => socket.once('connect', resolve).once('error', reject));
    return new RawClient(socket);
  }

  /** Head of a request with these headers. */
  ask(method: string, path: string, headers: Record<string, string | number>): void {
    const lines = Object.entries({ host: 'gateway', ...headers }).map(([name, value]) => `${name}: ${value}`);
    this.send(`${[`${method} ${path} HTTP/1.1`, ...lines].join('\r\n')}\r\n\r\n`);
  }

  send(content: string | Buffer): void {
    this.socket.write(content);
  }

  /** Waits until all that was sent is on its way. */
  sent(): Promise<void> {
    return new Promise((resolve, reject) => this.socket.write('', (error) => (error ? reject(error) : resolve())));
  }

  /** The first answer, once it is there as a whole; undefined before. */
  answer(): Answer | undefined {
    const [head = '', text] = this.received.split(/\r\n\r\n([\s\S]*)/);
    const [first = '', ...lines] = head.split('\r\n');
    const headers = new Headers(lines.map((line) => line.split(/: ?(.*)/).slice(0, 2) as [string, string]));
    if (text === undefined || Buffer.byteLength(text) < Number(headers.get('content-length'))) return undefined;
    return { status: Number(first.split(' ')[1]), headers, text, body: JSON.parse(text) };
  }

  close(): void {
    this.socket.destroy();
  }
}
