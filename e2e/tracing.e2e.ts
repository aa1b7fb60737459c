import { drawTree, OtlpReceiver, type ReceivedSpan } from '@roundhouse/testing';
import type { Client } from './platform/client.js';
import { startPlatform, type Platform } from './platform/platform.js';

let receiver: OtlpReceiver;
let platform: Platform;
let acme: Client;
beforeAll(async () => {
  receiver = await OtlpReceiver.start();
  const env = { OTEL_EXPORTER_OTLP_ENDPOINT: receiver.url, OTEL_BSP_SCHEDULE_DELAY: '200' };
  platform = await startPlatform({ env });
  ({ acme } = platform);
});
afterAll(async () => {
  await platform?.stop();
  await receiver?.stop();
});

const ofJob = (span: ReceivedSpan) => span.attributes['roundhouse.job.id'];
const named = (spans: ReceivedSpan[], name: string): ReceivedSpan[] => spans.filter((span) => span.name === name);

async function traceOf(
  id: string,
  enough: (spans: ReceivedSpan[]) => boolean,
): Promise<{ traceId: string; spans: ReceivedSpan[] }> {
  const job = await acme.finished(id);
  const traceId = job.trace_id ?? '';
  return { traceId, spans: await receiver.waitForTrace(traceId, enough) };
}

it('one job is one tree, from the request to the outcome in the ledger', async () => {
  const id = await acme.submit('platform.noop', { text: 'traced' });
  const { traceId, spans } = await traceOf(id, (found) => found.length >= 9);
  expect(drawTree(receiver.tree(traceId))).toBe(
    [
      'POST /v1/jobs',
      '  job accept',
      '    outbox publish default',
      '      job deliver default',
      '        claim',
      '          ledger claim',
      '        handler platform.noop',
      '        outcome',
      '          ledger apply',
      '',
    ].join('\n'),
  );
  const services = Object.fromEntries(spans.map((span) => [span.name, span.service]));
  expect(services).toMatchObject({
    'POST /v1/jobs': 'gateway',
    'job accept': 'gateway',
    'outbox publish default': 'gateway',
    'job deliver default': 'probe',
    claim: 'probe',
    'ledger claim': 'gateway',
    'handler platform.noop': 'probe',
    outcome: 'probe',
    'ledger apply': 'gateway',
  });
  const facts = { 'roundhouse.job.id': id, 'roundhouse.tenant': 'acme', 'roundhouse.kind': 'platform.noop' };
  for (const name of [
    'outbox publish default',
    'job deliver default',
    'ledger claim',
    'handler platform.noop',
    'ledger apply',
  ]) {
    expect(named(spans, name)[0]?.attributes).toMatchObject(facts);
  }
  expect(
    spans.every((span) => span.traceId === traceId && span.status.code !== 'error' && span.end >= span.start),
  ).toBe(true);
});

it("a client's trace goes on", async () => {
  const parent = '4bf92f3577b34da6a3ce929d0e0e4736';
  const id = await acme.submit('platform.noop', {}, { headers: { traceparent: `00-${parent}-00f067aa0ba902b7-01` } });
  expect((await acme.finished(id)).trace_id).toBe(parent);
  const spans = await receiver.waitForTrace(
    parent,
    (found) => named(found, 'ledger apply').length > 0 && named(found, 'POST /v1/jobs').length > 0,
  );
  expect(named(spans, 'POST /v1/jobs')[0]?.parentSpanId).toBe('00f067aa0ba902b7');
});

it('a retry and a follow-up belong to the same trace', async () => {
  const id = await acme.probe({ failures: 1, failure_code: 'ERROR_CODE_UNAVAILABLE', follow_ups: ['next'] });
  const { traceId, spans } = await traceOf(
    id,
    (found) =>
      named(found, 'outbox publish probes').some((span) => ofJob(span) !== id) && named(found, 'outcome').length >= 3,
  );
  const byId = new Map(spans.map((span) => [span.spanId, span]));
  const parentOf = (span: ReceivedSpan | undefined) => byId.get(span?.parentSpanId ?? '');
  const publishes = named(spans, 'outbox publish probes');
  const [first, retry] = publishes.filter((span) => ofJob(span) === id);
  const child = publishes.find((span) => ofJob(span) !== id);
  expect(parentOf(first)?.name).toBe('job accept');
  expect(parentOf(retry)?.name).toBe('job accept');
  // The follow-up hangs below the outcome that made it.
  expect(parentOf(child)?.name).toBe('outcome');
  expect(ofJob(parentOf(child) as ReceivedSpan)).toBe(id);
  const attempts = named(spans, 'handler platform.probe').filter((span) => ofJob(span) === id);
  expect(attempts.map((span) => [span.attributes['roundhouse.attempt'], span.status.code])).toEqual([
    [1, 'error'],
    [2, 'unset'],
  ]);
  expect((await acme.job(id)).follow_ups).toEqual([ofJob(child as ReceivedSpan)]);
  expect(new Set(spans.map((span) => span.traceId))).toEqual(new Set([traceId]));
});

it('jobs of a bulk request are accepted in a span as well', async () => {
  const answer = await acme.send('/v1/jobs/bulk', {
    method: 'POST',
    body: { jobs: [{ kind: 'platform.noop' }, { kind: 'platform.noop' }] },
  });
  const [a, b] = answer.body.jobs.map((job: { id: string }) => job.id);
  await acme.finished(b);
  const { traceId } = await traceOf(
    a,
    (found) => named(found, 'ledger apply').length >= 2 && named(found, 'POST /v1/jobs/bulk').length > 0,
  );
  const [root] = receiver.tree(traceId);
  expect(root?.span.name).toBe('POST /v1/jobs/bulk');
  expect(root?.children.map((node) => node.span.name)).toEqual(['job accept']);
  expect(root?.children[0]?.children.map((node) => node.span.name)).toEqual([
    'outbox publish default',
    'outbox publish default',
  ]);
});
