import { drawTree, OtlpReceiver } from '@roundhouse/testing';
import { startServerSpan } from './http-span.js';
import { inject } from './propagation.js';
import { recordSpan, startSpan, withSpan } from './span.js';
import { jobAttributes, messageAttributes, spanNames } from './span-names.js';
import { startTelemetry, type Telemetry } from './telemetry.js';
import { newTraceparent, traceIdOf } from './traceparent.js';
import { flushTracing, tracingEnabled } from './tracing.js';

describe('spans with tracing off', () => {
  it('pass the traceparent on and return what the function returns', async () => {
    const traceparent = newTraceparent();
    expect(tracingEnabled()).toBe(false);
    expect(withSpan('a', { parent: traceparent }, (span) => span.traceparent)).toBe(traceparent);
    expect(await withSpan('a', {}, async () => 1)).toBe(1);
    expect(recordSpan('a', { parent: traceparent, start: new Date(), end: new Date() })).toBe(traceparent);
    expect(startServerSpan({ traceparent }, 'GET', '/').traceparent).toBe(traceparent);
    expect(startServerSpan({ traceparent: 'bad' }, 'GET', '/').traceparent).toBe('');
    expect(() =>
      withSpan('a', {}, () => {
        throw new Error('x');
      }),
    ).toThrow('x');
  });
});

describe('spans over OTLP', () => {
  let receiver: OtlpReceiver;
  let telemetry: Telemetry;

  beforeAll(async () => {
    receiver = await OtlpReceiver.start();
    process.env.OTEL_EXPORTER_OTLP_ENDPOINT = receiver.url;
    telemetry = await startTelemetry({ service: 'gateway', version: '1.0.0' });
  });

  afterAll(async () => {
    expect(await telemetry.shutdown()).toEqual([]);
    await receiver.stop();
    delete process.env.OTEL_EXPORTER_OTLP_ENDPOINT;
  });

  it('arrive as one tree, across the processes of a job', async () => {
    const request = startServerSpan({ traceparent: newTraceparent() }, 'POST', '/v1/jobs');
    const accepted = withSpan(spanNames.jobAccept, { parent: request.span.context }, (span) => span.traceparent);
    request.end(202);
    const published = recordSpan(spanNames.outboxPublish('scoring'), {
      kind: 'producer',
      parent: accepted,
      start: new Date(Date.now() - 5),
      end: new Date(),
      attributes: { ...messageAttributes('send', 'jobs', 'j1'), ...jobAttributes({ jobId: 'j1', tenant: 'acme' }) },
    });
    await withSpan(
      spanNames.jobDeliver('scoring'),
      { kind: 'consumer', parent: published, links: [accepted, undefined] },
      async () => {
        await withSpan(spanNames.claim, { kind: 'client' }, async () => undefined);
        await withSpan(spanNames.handler('trading.score_bias'), {}, async (span) => {
          expect(inject()).toBe(span.traceparent);
          await withSpan(spanNames.handler('trading.score_bias'), {}, async () => undefined);
        });
      },
    );
    await flushTracing();
    const traceId = traceIdOf(request.traceparent) ?? '';
    const spans = await receiver.waitForTrace(traceId, (received) => received.length >= 7);
    expect(drawTree(receiver.tree(traceId))).toBe(
      [
        'POST /v1/jobs',
        '  job accept',
        '    outbox publish scoring',
        '      job deliver scoring',
        '        claim',
        '        handler trading.score_bias',
        '          handler trading.score_bias',
        '',
      ].join('\n'),
    );
    const publish = spans.find(({ name }) => name === 'outbox publish scoring');
    expect(publish).toMatchObject({
      kind: 'producer',
      service: 'gateway',
      attributes: {
        'messaging.system': 'rabbitmq',
        'messaging.destination.name': 'jobs',
        'messaging.message.id': 'j1',
        'roundhouse.job.id': 'j1',
        'roundhouse.tenant': 'acme',
      },
    });
    expect((publish?.end ?? 0n) - (publish?.start ?? 0n)).toBeGreaterThanOrEqual(4_000_000n);
    expect(spans.find(({ name }) => name.startsWith('job deliver'))?.links).toEqual([
      { traceId, spanId: accepted.slice(36, 52) },
    ]);
    expect(spans.find(({ name }) => name === 'POST /v1/jobs')?.attributes).toMatchObject({
      'http.response.status_code': 202,
    });
  });

  it('record what was thrown, synchronously or later', async () => {
    const parent = newTraceparent();
    const failure = Object.assign(new Error('quota used up'), { code: 'RATE_LIMITED' });
    await expect(withSpan('later', { parent }, () => Promise.reject(failure))).rejects.toBe(failure);
    expect(() =>
      withSpan('at once', { parent }, () => {
        throw failure;
      }),
    ).toThrow(failure);
    await flushTracing();
    const spans = await receiver.waitForTrace(traceIdOf(parent) ?? '', (received) => received.length === 2);
    for (const span of spans) {
      expect(span.status).toEqual({ code: 'error', message: 'quota used up' });
      expect(span.attributes['error.type']).toBe('RATE_LIMITED');
      expect(span.events[0]?.attributes['exception.message']).toBe('quota used up');
    }
  });

  it('do not sample what the client has not sampled', async () => {
    const parent = `${newTraceparent().slice(0, -2)}00`;
    const span = startSpan('unsampled', { parent });
    expect(span.traceparent.endsWith('-00')).toBe(true);
    span.end();
    await flushTracing();
    expect(receiver.spansOfTrace(traceIdOf(parent) ?? '')).toEqual([]);
  });
});
