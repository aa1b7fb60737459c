import type { ConsumeMessage } from 'amqplib';
import type { Delivery } from '@roundhouse/jobs';
import fc from 'fast-check';
import {
  bundleProperties,
  decodeDeliveries,
  deliveryProperties,
  encodeBundle,
  encodeDelivery,
  UndecodableDelivery,
  type DispatchedJob,
} from './delivery-codec.js';

const job: DispatchedJob = {
  jobId: '01890000-0000-7000-8000-000000000001',
  tenantId: 't1',
  kind: 'platform.noop',
  version: 2,
  payload: Buffer.from([1, 2, 3]),
  enqueuedAt: new Date(1_700_000_000_123),
  timeoutMs: 61_500,
  traceparent: '00-trace-01',
};
const dispatchedAt = new Date(1_700_000_001_000);

/** What a consumer would get. */
function received(body: Buffer, properties: object, redelivered = false): ConsumeMessage {
  return { content: body, properties, fields: { redelivered } } as unknown as ConsumeMessage;
}

function delivered(patch: Partial<DispatchedJob> = {}, properties: object = {}): ConsumeMessage {
  const body = encodeDelivery({ ...job, ...patch }, dispatchedAt);
  return received(body, { ...deliveryProperties({ ...job, ...patch }, body), ...properties });
}

const refusal = (message: ConsumeMessage): string => {
  try {
    decodeDeliveries(message, 'default');
  } catch (error) {
    expect(error).toBeInstanceOf(UndecodableDelivery);
    return (error as Error).message;
  }
  throw new Error('was decoded');
};

describe('delivery codec', () => {
  it('carries a job across', () => {
    const message = received(delivered().content, delivered().properties, true);
    const [decoded] = decodeDeliveries(message, 'imports') as [Delivery];
    const payload = Buffer.from(decoded.payload);
    expect({ ...decoded, payload }).toEqual({ ...job, queue: 'imports', redelivered: true, dispatchedAt });
  });

  it('keeps every payload and timeout as it is', () => {
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 300 }), fc.integer({ min: 1, max: 2 ** 40 }), (payload, timeoutMs) => {
        const [decoded] = decodeDeliveries(delivered({ payload, timeoutMs }), 'default') as [Delivery];
        expect([...decoded.payload]).toEqual([...payload]);
        expect(decoded.timeoutMs).toBe(timeoutMs);
      }),
    );
  });

  it('refuses an empty body, which protobuf would decode to default values', () => {
    const message = delivered();
    expect(refusal(received(Buffer.alloc(0), message.properties))).toMatch(/^body has 0 bytes, its header says \d+$/);
    const headers = { 'rh-length': 0 };
    const claimed = received(Buffer.alloc(0), { ...message.properties, headers });
    expect(refusal(claimed)).toBe('body is of kind , its property says platform.noop');
    expect(refusal(received(Buffer.alloc(0), { ...message.properties, type: '', headers }))).toMatch(/is not a uuid$/);
  });

  it('refuses a body that was cut short or has no length', () => {
    const { content, properties } = delivered();
    expect(refusal(received(content.subarray(0, 20), properties))).toContain('body has 20 bytes');
    expect(refusal(received(content, { ...properties, headers: {} }))).toContain('its header says undefined');
    expect(refusal(received(content, { ...properties, headers: undefined }))).toContain('its header says undefined');
    const asText = { 'rh-length': String(content.length) };
    expect(refusal(received(content, { ...properties, headers: asText }))).toContain('body has');
  });

  it('refuses another content type, another kind and an id that is none', () => {
    expect(refusal(delivered({}, { contentType: 'application/json' }))).toBe(
      'content type is application/json, not application/x-protobuf',
    );
    expect(refusal(delivered({}, { type: 'trading.import_trades' }))).toBe(
      'body is of kind platform.noop, its property says trading.import_trades',
    );
    expect(refusal(delivered({}, { type: undefined }))).toContain('its property says undefined');
    expect(refusal(delivered({ jobId: "1' or true" }))).toBe('job id "1\' or true" is not a uuid');
  });

  it('answers garbage with a refusal, never with another error', () => {
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 200 }), (bytes) => {
        const body = Buffer.from(bytes);
        const message = received(body, deliveryProperties(job, body));
        try {
          decodeDeliveries(message, 'default');
        } catch (error) {
          expect(error).toBeInstanceOf(UndecodableDelivery);
        }
      }),
      { numRuns: 2_000 },
    );
  });

  describe('of bundles', () => {
    const others = [2, 3].map((n) => ({
      ...job,
      jobId: job.jobId.replace(/1$/, String(n)),
      traceparent: `00-t${n}-01`,
    }));
    const bundle = [job, ...others].map((each) => ({ ...each, dispatchedAt }));
    const sent = (properties: object = {}, body = encodeBundle(bundle)) =>
      received(body, { ...bundleProperties(bundle.length, body), ...properties }, true);

    it('carries all jobs across, each with its own place in its trace', () => {
      const decoded = decodeDeliveries(sent(), 'imports');
      expect(decoded.map((each) => ({ ...each, payload: Buffer.from(each.payload) }))).toEqual(
        bundle.map((each) => ({ ...each, queue: 'imports', redelivered: true })),
      );
    });

    it('believes no part of one that is damaged', () => {
      const body = encodeBundle(bundle);
      expect(refusal(sent({ headers: { 'rh-length': body.length, 'rh-jobs': 2 } }))).toBe(
        'bundle of 3 jobs, its header says 2',
      );
      expect(refusal(sent({}, Buffer.alloc(0)))).toBe('bundle of 0 jobs, its header says 3');
      expect(refusal(sent({ headers: { 'rh-length': 3 } }))).toMatch(/its header says 3$/);
      const broken = [...bundle.slice(1), { ...job, jobId: 'none', dispatchedAt }];
      expect(refusal(sent({}, encodeBundle(broken)))).toBe('job id "none" is not a uuid');
    });
  });
});
