import { randomUUID } from 'node:crypto';
import type { Client } from './platform/client.js';
import { startPlatform, type Platform } from './platform/platform.js';

let platform: Platform;
beforeAll(async () => {
  platform = await startPlatform();
});
afterAll(() => platform?.stop());

const rerun = (id: string, body: unknown = {}, headers: Record<string, string> = {}) =>
  platform.acme.send(`/v1/jobs/${id}/rerun`, { method: 'POST', body, headers });
const auditOf = async (id: string) => {
  const admin = await platform.clientWith('admin');
  return (await admin.send(`/v1/audit?subject=${id}`)).body.entries as { action: string; detail: unknown }[];
};

it('runs a job that is over again as a new one, each refers to the other, and the audit log says who did', async () => {
  const options = { timeout_seconds: 33, priority: 7, retry: { max_attempts: 2 } };
  const id = await platform.acme.submit('platform.probe', { text: 'one', steps: 2 }, { body: { options } });
  await platform.acme.finished(id);
  const same = await rerun(id);
  expect(same).toMatchObject({ status: 202, body: { rerun_of: id } });
  const edited = await rerun(id, { payload: { text: 'two', steps: 2 } });
  const again = await platform.acme.finished(same.body.id);
  expect(again).toMatchObject({ state: 'succeeded', payload: { text: 'one', steps: 2 }, rerun_of: id, reruns: [] });
  expect(await platform.acme.finished(edited.body.id)).toMatchObject({ payload: { text: 'two' }, rerun_of: id });
  const first = await platform.acme.job(id);
  expect(first).toMatchObject({ rerun_of: null, reruns: [same.body.id, edited.body.id], follow_ups: [] });
  const [row] = await platform.ledger.query(
    `select timeout_ms, priority, retry_override from ledger.jobs where id = $1`,
    [same.body.id],
  );
  expect(row).toEqual({ timeout_ms: 33_000, priority: 7, retry_override: { maxAttempts: 2 } });
  expect((await auditOf(id)).map(({ action, detail }) => [action, detail])).toEqual([
    ['job.edit_and_rerun', { new_job_id: edited.body.id }],
    ['job.rerun', { new_job_id: same.body.id }],
  ]);
});

it('makes one job of a request that is repeated, and refuses another one under its key', async () => {
  const id = await platform.acme.probe({ text: 'x' });
  await platform.acme.finished(id);
  const headers = { 'idempotency-key': randomUUID() };
  const [first, second] = [await rerun(id, {}, headers), await rerun(id, {}, headers)];
  expect(second.body.id).toBe(first.body.id);
  expect((await rerun(id, { payload: { text: 'other' } }, headers)).body).toMatchObject({
    code: 'idempotency_conflict',
  });
  expect(((await platform.acme.job(id)) as unknown as { reruns: string[] }).reruns).toEqual([first.body.id]);
  expect(await auditOf(id)).toHaveLength(1);
});

describe('Sensitive fields that stayed hidden', () => {
  const send = (client: Client, id: string, action: string, payload: unknown) =>
    client.send(`/v1/jobs/${id}/${action}`, { method: 'POST', body: { payload } });
  const storedPayload = async (id: string): Promise<string> => {
    const [row] = await platform.ledger.query(`select payload from ledger.jobs where id = $1`, [id]);
    return row.payload.toString();
  };

  /** A message to a receiver, cancelled before it was due. */
  async function cancelledNotice() {
    const notice = {
      webhook_id: randomUUID(),
      url: 'http://127.0.0.1:9/canary',
      event_type: 'job.dead',
      body: '{}',
      sealed_secrets: ['v1.canary'],
    };
    const id = await platform.acme.submit('platform.deliver_webhook', notice, {
      body: { run_at: new Date(Date.now() + 3_600_000).toISOString() },
    });
    await platform.acme.send(`/v1/jobs/${id}/cancel`, { method: 'POST' });
    const { payload } = await platform.acme.job(id);
    expect(payload).toMatchObject({ url: '[redacted]', sealed_secrets: '[redacted]' });
    return { id, payload };
  }

  it('get their values back for who may read payloads', async () => {
    const { id, payload } = await cancelledNotice();
    const answer = await send(platform.acme, id, 'rerun', { ...payload, event_type: 'job.succeeded' });
    expect(await storedPayload(answer.body.id)).toContain('http://127.0.0.1:9/canary');
    await platform.acme.send(`/v1/jobs/${answer.body.id}/cancel`, { method: 'POST' });
  });

  it('do not go elsewhere by a neighbouring field for who may not', async () => {
    const { id, payload } = await cancelledNotice();
    const operator = await platform.clientWith('jobs:view', 'jobs:write', 'jobs:cancel', 'dead:redrive');
    const elsewhere = { ...payload, url: 'https://thief.example' };
    const refused = await send(operator, id, 'rerun', elsewhere);
    expect(refused).toMatchObject({
      status: 403,
      body: { code: 'forbidden', errors: [{ path: 'payload.sealed_secrets' }] },
    });
    expect(refused.body.detail).toContain('scope payloads:read');
    const own = await send(operator, id, 'rerun', { ...elsewhere, sealed_secrets: ['v1.mine'] });
    expect(own.status).toBe(202);
    expect(await storedPayload(own.body.id)).not.toContain('v1.canary');
    const unchanged = await send(operator, id, 'rerun', payload);
    expect(await storedPayload(unchanged.body.id)).toContain('v1.canary');
    for (const { body } of [own, unchanged]) await operator.send(`/v1/jobs/${body.id}/cancel`, { method: 'POST' });
  });

  it('stay where they are in a dead job as well', async () => {
    const { id, payload } = await cancelledNotice();
    await platform.ledger.query(`update ledger.jobs set state = 'dead' where id = $1`, [id]);
    const operator = await platform.clientWith('jobs:view', 'dead:redrive');
    const refused = await send(operator, id, 'redrive', { ...payload, body: '{"changed":true}' });
    expect(refused).toMatchObject({ status: 403, body: { code: 'forbidden' } });
    expect(refused.body.errors).toHaveLength(2);
    expect(await platform.acme.job(id)).toMatchObject({ state: 'dead', payload: { body: '{}' } });
  });
});

it('says why it does not', async () => {
  const waiting = await platform.acme.submit('platform.probe', {}, { body: { delay_seconds: 3_600 } });
  expect((await rerun(waiting)).body).toMatchObject({
    code: 'conflict',
    detail: expect.stringContaining('is scheduled'),
  });
  const done = await platform.acme.probe({ text: 'x' });
  await platform.acme.finished(done);
  expect((await rerun(done, { payload: { steps: 'many' } })).body).toMatchObject({
    code: 'invalid_request',
    errors: [{ path: 'payload.steps' }],
  });
  const asGlobex = await platform.globex.send(`/v1/jobs/${done}/rerun`, { method: 'POST', body: {} });
  expect(asGlobex.status).toBe(404);
  const viewer = await platform.clientWith('jobs:view');
  expect((await viewer.send(`/v1/jobs/${done}/rerun`, { method: 'POST', body: {} })).status).toBe(403);
});
