import { RoundhouseClient, RoundhouseError } from '@roundhouse/client';
import { ErrorCode, NoopRequest, ProbeRequest } from '@roundhouse/contracts';
import { startPlatform, type Platform } from './platform/platform.js';

let platform: Platform;
let client: RoundhouseClient;
beforeAll(async () => {
  platform = await startPlatform();
  client = new RoundhouseClient({ url: platform.service('gateway').url, apiKey: platform.acme.key as string });
});
afterAll(() => platform?.stop());

const noop = (text: string) => ({ kind: 'platform.noop' as const, request: NoopRequest.fromPartial({ text }) });

it('submits a job by its kind, follows it to its end and reads its result', async () => {
  const request = ProbeRequest.fromPartial({ text: 'hello', steps: 3, work: { seconds: 0, nanos: 3e8 } });
  const id = await client.submit('platform.probe', request);
  const seen: string[] = [];
  for await (const { event } of client.follow(id)) seen.push(event);
  expect(seen[0]).toBe('running');
  expect(seen.slice(-2)).toEqual(['succeeded', 'end']);
  expect(await client.wait(id)).toMatchObject({ state: 'succeeded', result: { text: 'hello', attempt: 1 } });
});

it('submits many jobs in order, more than one request takes', async () => {
  const ids = await client.submitMany(Array.from({ length: 1_500 }, (_, i) => noop(`n${i}`)));
  expect(new Set(ids).size).toBe(1_500);
  const last = await client.wait(ids[1_499] as string);
  expect(last.result).toEqual({ text: 'n1499' });
});

it('stores a repeated request once', async () => {
  const options = { idempotencyKey: 'k1' };
  const first = await client.submit('platform.noop', noop('once').request, options);
  expect(await client.submit('platform.noop', noop('once').request, options)).toBe(first);
  await expect(client.submit('platform.noop', noop('twice').request, options)).rejects.toMatchObject({
    status: 422,
    code: 'idempotency_conflict',
  });
});

it('refuses all when one is wrong, and says which and why', async () => {
  const wrong = ProbeRequest.fromPartial({ steps: 5_000, failureCode: ErrorCode.TIMEOUT });
  const refused = client.submitMany([noop('fine'), { kind: 'platform.probe', request: wrong }]);
  await expect(refused).rejects.toBeInstanceOf(RoundhouseError);
  await expect(refused).rejects.toMatchObject({ status: 400, errors: [{ path: 'jobs[1].payload.steps' }] });
});

it('cancels, and sees the end of a cancelled job', async () => {
  const id = await client.submit('platform.probe', ProbeRequest.fromPartial({ work: { seconds: 30, nanos: 0 } }));
  await client.cancel(id);
  expect(await client.wait(id)).toMatchObject({ state: 'cancelled' });
});

it('refuses bodies that are no bulk request', async () => {
  const send = (body: RequestInit['body'], path = '/v1/jobs/bulk') =>
    fetch(`${platform.service('gateway').url}${path}`, {
      method: 'POST',
      headers: { authorization: `Bearer ${platform.acme.key}`, 'content-type': 'application/x-protobuf' },
      body,
    });
  for (const body of [new Uint8Array(0), new Uint8Array([0xff, 0xff]), 'text'])
    expect((await send(body)).status).toBe(400);
  expect((await send(new Uint8Array([1]), '/v1/jobs')).status).toBe(415);
});
