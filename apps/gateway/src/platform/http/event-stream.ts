import type { FastifyReply, FastifyRequest } from 'fastify';
import { z } from 'zod';

const keepAliveMs = 15_000;
// A viewer that does not read must not fill our memory; it reconnects with its Last-Event-ID.
const maxBufferedBytes = 1024 * 1024;

export interface StreamEvent {
  id: string;
  event: string;
  data: unknown;
}

/** Open streams of this process, by what they tell of. */
const openStreams = new Map<string, number>();

export const countStreams = (): { value: number; labels: { type: string } }[] =>
  [...openStreams].map(([type, value]) => ({ value, labels: { type } }));

/** A Server-Sent Events answer (WHATWG HTML, "Server-sent events"). */
export class EventStream {
  private readonly keepAlive: NodeJS.Timeout;
  private readonly closers: (() => void)[] = [];
  private open = true;

  private constructor(
    private readonly reply: FastifyReply,
    private readonly type: string,
  ) {
    openStreams.set(type, (openStreams.get(type) ?? 0) + 1);
    const { raw } = reply;
    raw.writeHead(200, {
      'content-type': 'text/event-stream; charset=utf-8',
      'cache-control': 'no-store',
      connection: 'keep-alive',
      'x-accel-buffering': 'no',
    });
    raw.write('retry: 1000\n\n');
    this.keepAlive = setInterval(() => raw.write(': keep-alive\n\n'), keepAliveMs);
    raw.on('close', () => this.closed());
  }

  /** @param type what it tells of, for the metric: `job`, `events` */
  static start(reply: FastifyReply, type: string): EventStream {
    reply.hijack();
    return new EventStream(reply, type);
  }

  get active(): boolean {
    return this.open;
  }

  send({ id, event, data }: StreamEvent): void {
    if (!this.open) return;
    const { raw } = this.reply;
    raw.write(`id: ${id}\nevent: ${event}\ndata: ${JSON.stringify(data)}\n\n`);
    if (raw.writableLength > maxBufferedBytes) raw.destroy();
  }

  onClose(listener: () => void): void {
    if (this.open) this.closers.push(listener);
    else listener();
  }

  end(): void {
    this.reply.raw.end();
    this.closed();
  }

  private closed(): void {
    if (!this.open) return;
    this.open = false;
    openStreams.set(this.type, (openStreams.get(this.type) ?? 1) - 1);
    clearInterval(this.keepAlive);
    for (const close of this.closers.splice(0)) close();
  }
}

/** What a stream can be asked with. */
export const streamQuerySchema = z.strictObject({
  last_event_id: z.string().max(50).describe('Instead of the header Last-Event-ID').optional(),
});

/** Where a reconnecting client left off: the header, or for clients that cannot set it the query parameter. */
export function lastEventId({ headers, query }: FastifyRequest): string | undefined {
  const header = headers['last-event-id'];
  if (typeof header === 'string' && header !== '') return header;
  const parameter = (query as Record<string, unknown>).last_event_id;
  return typeof parameter === 'string' && parameter !== '' ? parameter : undefined;
}
