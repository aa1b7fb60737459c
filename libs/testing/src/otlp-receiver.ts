import { createServer, type IncomingMessage, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { gunzipSync } from 'node:zlib';
import { decodeTraceRequest } from './otlp-decoder.js';
import type { ReceivedSpan } from './received-span.js';
import { waitFor, type WaitOptions } from './wait-for.js';

export interface SpanTree {
  span: ReceivedSpan;
  /** In the order they started; clocks tick in milliseconds, so within one the order of arrival. */
  children: SpanTree[];
}

async function bodyOf(request: IncomingMessage): Promise<Buffer> {
  const chunks: Buffer[] = [];
  for await (const chunk of request) chunks.push(chunk as Buffer);
  const body = Buffer.concat(chunks);
  return request.headers['content-encoding'] === 'gzip' ? gunzipSync(body) : body;
}

const byStart = (a: ReceivedSpan, b: ReceivedSpan) => (a.start < b.start ? -1 : a.start > b.start ? 1 : 0);

/** A collector: takes OTLP over HTTP, JSON and protobuf, on /v1/traces; metrics and logs are kept as they came. */
export class OtlpReceiver {
  readonly spans: ReceivedSpan[] = [];
  /** Every request, whatever it was about. */
  readonly requests: { path: string; body: Buffer }[] = [];
  /** Requests that could not be decoded. */
  readonly errors: Error[] = [];

  private constructor(private readonly server: Server) {
    server.on('request', (request, response) => {
      void this.#take(request).then(
        () =>
          response.writeHead(200, { 'content-type': request.headers['content-type'] ?? 'application/json' }).end('{}'),
        (error: Error) => {
          this.errors.push(error);
          response.writeHead(400).end(error.message);
        },
      );
    });
  }

  static async start(port = 0): Promise<OtlpReceiver> {
    const receiver = new OtlpReceiver(createServer());
    await new Promise<void>((resolve, reject) =>
      receiver.server.once('error', reject).listen(port, '127.0.0.1', resolve),
    );
    return receiver;
  }

  /** For OTEL_EXPORTER_OTLP_ENDPOINT. */
  get url(): string {
    return `http://127.0.0.1:${(this.server.address() as AddressInfo).port}`;
  }

  spansOfTrace(traceId: string): ReceivedSpan[] {
    return this.spans.filter((span) => span.traceId === traceId).sort(byStart);
  }

  /** The roots of a trace: normally one. A span whose parent has not arrived (a client's, or not yet exported) is a root. */
  tree(traceId: string): SpanTree[] {
    const spans = this.spansOfTrace(traceId);
    const nodes = new Map(spans.map((span) => [span.spanId, { span, children: [] as SpanTree[] }]));
    const roots: SpanTree[] = [];
    for (const node of nodes.values()) (nodes.get(node.span.parentSpanId)?.children ?? roots).push(node);
    return roots;
  }

  /** Waits until the spans of the trace satisfy `enough`, and returns them. */
  async waitForTrace(
    traceId: string,
    enough: (spans: ReceivedSpan[]) => boolean,
    options: WaitOptions = {},
  ): Promise<ReceivedSpan[]> {
    const names = () => this.spansOfTrace(traceId).map(({ name }) => name);
    const found = () => (enough(this.spansOfTrace(traceId)) ? this.spansOfTrace(traceId) : undefined);
    return waitFor(found, { describe: `trace ${traceId} to be complete`, ...options }).catch((error: Error) => {
      throw new Error(`${error.message}; spans so far: ${names().join(', ') || 'none'}`, { cause: error });
    });
  }

  /** What was sent in JSON to a path: `/v1/logs`, `/v1/metrics`. */
  sentTo(path: string): unknown[] {
    return this.requests.filter((r) => r.path === path).map(({ body }) => JSON.parse(body.toString()) as unknown);
  }

  async stop(): Promise<void> {
    const closed = new Promise((resolve) => this.server.close(resolve));
    this.server.closeAllConnections();
    await closed;
  }

  async #take(request: IncomingMessage): Promise<void> {
    const body = await bodyOf(request);
    this.requests.push({ path: request.url ?? '', body });
    if (request.url !== '/v1/traces') return;
    const spans = decodeTraceRequest(body, request.headers['content-type'] ?? '');
    this.spans.push(...spans);
  }
}

/** The tree as indented names, to compare with an expected text. */
export function drawTree(roots: readonly SpanTree[], indent = ''): string {
  return roots.map(({ span, children }) => `${indent}${span.name}\n${drawTree(children, `${indent}  `)}`).join('');
}
