import type { ConsumeMessage } from 'amqplib';
import {
  bundleProperties,
  deliveryProperties,
  encodeBundle,
  encodeDelivery,
  type DispatchedJob,
} from '../messages/index.js';
import { HeldDeliveries } from './held-deliveries.js';

const at = new Date(1_700_000_000_000);
const job = (n: number): DispatchedJob => ({
  jobId: `01890000-0000-7000-8000-00000000000${n}`,
  tenantId: 't1',
  kind: 'platform.noop',
  version: 1,
  payload: Buffer.alloc(0),
  enqueuedAt: at,
  timeoutMs: 1_000,
  traceparent: '',
});
const received = (content: Buffer, properties: object) =>
  ({ content, properties, fields: { redelivered: false } }) as unknown as ConsumeMessage;

function alone(n: number): ConsumeMessage {
  const body = encodeDelivery(job(n), at);
  return received(body, deliveryProperties(job(n), body));
}

function bundle(...ns: number[]): ConsumeMessage {
  const body = encodeBundle(ns.map((n) => ({ ...job(n), dispatchedAt: at })));
  return received(body, bundleProperties(ns.length, body));
}

let now = 0;
let held: HeldDeliveries;
beforeEach(() => {
  now = 0;
  held = new HeldDeliveries(() => now);
});

it('names what has waited for long, and no longer what runs', () => {
  const first = held.add(alone(1));
  now = 3_000;
  held.add(alone(2));
  expect(held.longerThan(5_000)).toEqual([]);
  now = 6_000;
  expect(held.longerThan(5_000)).toEqual([job(1).jobId]);
  now = 8_000;
  expect(held.longerThan(5_000)).toEqual([job(1).jobId, job(2).jobId]);
  first.end();
  expect(held.longerThan(5_000)).toEqual([job(2).jobId]);
});

it('names the jobs of a bundle whose turn has not come', () => {
  const message = held.add(bundle(1, 2, 3));
  message.began();
  now = 6_000;
  expect(held.longerThan(5_000)).toEqual([job(2).jobId, job(3).jobId]);
  message.began();
  message.began();
  expect(held.longerThan(5_000)).toEqual([]);
});

it('names nothing of what cannot be read', () => {
  held.add(received(Buffer.from('garbage'), {}));
  now = 60_000;
  expect(held.longerThan(5_000)).toEqual([]);
});
