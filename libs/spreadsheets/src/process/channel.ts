import { once } from 'node:events';
import { Socket } from 'node:net';
import { framesOf, type Frame } from './frames.js';

/** File descriptor over which parent and child talk; standard output stays free for what libraries print. */
export const channelDescriptor = 3;

/** So much may wait to be sent before the sender pauses. */
const ahead = 2 * 1024 * 1024;

/** The child's end. When the parent is gone, so is the child: nobody wants what it reads. */
export class Channel {
  private readonly socket = new Socket({ fd: channelDescriptor, readable: true, writable: true });

  constructor() {
    const gone = () => process.exit(1);
    this.socket.on('error', gone).on('close', gone);
  }

  frames(): AsyncIterable<Frame> {
    return framesOf(this.socket as AsyncIterable<Buffer>);
  }

  async send(bytes: Buffer): Promise<void> {
    if (this.socket.write(bytes) || this.socket.writableLength < ahead) return;
    await once(this.socket, 'drain');
  }

  /** Resolves when everything has been sent. */
  async flush(): Promise<void> {
    if (this.socket.writableLength > 0) await once(this.socket, 'drain');
  }
}
