import { SpanKind, SpanStatusCode, trace, ROOT_CONTEXT } from '@opentelemetry/api';
import { OTLPTraceExporter } from '@opentelemetry/exporter-trace-otlp-proto';
import { BasicTracerProvider, SimpleSpanProcessor } from '@opentelemetry/sdk-trace-base';
import { drawTree, OtlpReceiver } from './otlp-receiver.js';

/** JSON is what our own services send (proven in the telemetry library); workers in other languages send protobuf. */
describe('OtlpReceiver', () => {
  let receiver: OtlpReceiver;

  beforeEach(async () => {
    receiver = await OtlpReceiver.start();
  });
  afterEach(() => receiver.stop());

  it('understands protobuf, gzip included', async () => {
    const exporter = new OTLPTraceExporter({ url: `${receiver.url}/v1/traces`, compression: 'gzip' as never });
    const provider = new BasicTracerProvider({ spanProcessors: [new SimpleSpanProcessor(exporter)] });
    const tracer = provider.getTracer('test');
    const root = tracer.startSpan('root', { kind: SpanKind.SERVER, root: true });
    const inside = trace.setSpan(ROOT_CONTEXT, root);
    const attributes = { text: 'grüß', int: 42, negative: -7, big: 2 ** 40, double: 0.5, yes: true, list: ['a', 'b'] };
    const child = tracer.startSpan(
      'child',
      { kind: SpanKind.CONSUMER, attributes, links: [{ context: root.spanContext() }] },
      inside,
    );
    child.recordException(new Error('boom'));
    child.setStatus({ code: SpanStatusCode.ERROR, message: 'boom' });
    child.end();
    root.end();
    await provider.shutdown();

    expect(receiver.errors).toEqual([]);
    const { traceId, spanId } = root.spanContext();
    expect(drawTree(receiver.tree(traceId))).toBe('root\n  child\n');
    const named = (name: string) => receiver.spansOfTrace(traceId).find((span) => span.name === name);
    const received = named('child');
    expect(named('root')).toMatchObject({ kind: 'server', parentSpanId: '', status: { code: 'unset' } });
    expect(received).toMatchObject({
      kind: 'consumer',
      parentSpanId: spanId,
      attributes,
      links: [{ traceId, spanId }],
      status: { code: 'error', message: 'boom' },
      events: [{ name: 'exception', attributes: { 'exception.message': 'boom' } }],
    });
    const now = BigInt(Date.now()) * 1_000_000n;
    expect(Number(now - (received?.start ?? 0n)) / 1e9).toBeLessThan(60);
    expect(received?.end).toBeGreaterThanOrEqual(received?.start ?? 0n);
  });

  it('keeps what it could not decode, and takes metrics without a word', async () => {
    const send = (path: string, body: string) =>
      fetch(receiver.url + path, { method: 'POST', body, headers: { 'content-type': 'application/json' } });
    expect((await send('/v1/traces', '{')).status).toBe(400);
    expect(receiver.errors).toHaveLength(1);
    expect((await send('/v1/metrics', '{}')).status).toBe(200);
  });

  it('says which spans came when a trace stays incomplete', async () => {
    await expect(receiver.waitForTrace('0af7', () => false, { timeoutMs: 20 })).rejects.toThrow(
      /trace 0af7 to be complete.*spans so far: none/,
    );
  });
});
