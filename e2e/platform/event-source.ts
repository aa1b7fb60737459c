import { waitFor, type WaitOptions } from '@roundhouse/testing';

export interface ServerEvent {
  id: string;
  event: string;
  // eslint-disable-next-line @typescript-eslint/no-explicit-any -- whatever the stream sends
  data: any;
}

function parse(block: string): ServerEvent | undefined {
  const fields = new Map<string, string>();
  for (const line of block.split('\n')) {
    const colon = line.indexOf(': ');
    if (colon > 0) fields.set(line.slice(0, colon), line.slice(colon + 2));
  }
  const data = fields.get('data');
  if (data === undefined) return undefined; // a comment, or the retry time
  return { id: fields.get('id') ?? '', event: fields.get('event') ?? 'message', data: JSON.parse(data) };
}

/** One connection to a stream of Server-Sent Events; reconnecting is the test's business. */
export class EventSource {
  readonly events: ServerEvent[] = [];
  /** Resolves when the stream is over, by whichever side. */
  readonly over: Promise<void>;
  private readonly controller = new AbortController();
  private text = '';

  private constructor(response: Response, controller: AbortController) {
    this.controller = controller;
    this.over = this.read(response);
  }

  static async open(url: string, headers: Record<string, string>): Promise<EventSource> {
    const controller = new AbortController();
    const response = await fetch(url, {
      headers: { accept: 'text/event-stream', ...headers },
      signal: controller.signal,
    });
    if (!response.ok) throw new Error(`${url}: ${response.status} ${await response.text()}`);
    return new EventSource(response, controller);
  }

  get lastId(): string | undefined {
    return this.events.at(-1)?.id;
  }

  async close(): Promise<void> {
    this.controller.abort();
    await this.over;
  }

  /** The events as soon as there are `count`. */
  async atLeast(count: number, options: WaitOptions = {}): Promise<ServerEvent[]> {
    const describe = `${count} events`;
    return waitFor(() => this.events.length >= count && this.events, { describe, ...options });
  }

  private async read(response: Response): Promise<void> {
    const decoder = new TextDecoder();
    try {
      for await (const chunk of response.body as AsyncIterable<Uint8Array>)
        this.take(decoder.decode(chunk, { stream: true }));
    } catch {
      // closed by us, or the server is gone: what has arrived counts
    }
  }

  private take(chunk: string): void {
    const blocks = (this.text + chunk).split('\n\n');
    this.text = blocks.pop() ?? '';
    for (const block of blocks) {
      const event = parse(block);
      if (event) this.events.push(event);
    }
  }
}
