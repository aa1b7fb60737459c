import { startLocalProvider, waitFor, type LocalProvider, type ProviderAnswer } from '@roundhouse/testing';
import { createHmac, randomUUID } from 'node:crypto';
import { startPlatform, type Platform } from './platform/platform.js';
import { repairJobs } from './platform/repaired-jobs.js';
import type { Client } from './platform/client.js';

let platform: Platform;
/** May do everything. */
let admin: Client;
let receiver: LocalProvider;
let answer: ProviderAnswer;

beforeAll(async () => {
  const env = { ROUNDHOUSE_ALLOW_PRIVATE_WEBHOOKS: 'true' };
  receiver = await startLocalProvider(() => answer);
  platform = await startPlatform({ env });
  await platform.launch('notifier');
  admin = await platform.clientWith('admin');
});
afterAll(async () => {
  await platform?.stop();
  await receiver?.close();
});
beforeEach(() => (answer = { status: 200, body: '' }));

const dying = (text: string) => ({ text, failures: 99, failure_code: 'ERROR_CODE_INVALID_INPUT' });

async function dead(text: string, n = 1): Promise<string[]> {
  const ids = await Promise.all(Array.from({ length: n }, () => admin.probe(dying(text))));
  await platform.allFinished(ids);
  return ids.sort();
}

async function ask(path: string, body?: unknown, method = body === undefined ? 'GET' : 'POST', headers = {}) {
  const { status, body: said, text } = await admin.send(path, { method, body, headers });
  if (status >= 300) throw new Error(`${method} ${path}: ${status} ${text}`);
  return said;
}

const discardAll = () => ask('/v1/dead/discard', { filter: {} });

const redriveOver = (id: string) =>
  waitFor(
    async () => {
      const redrive = await ask(`/v1/redrives/${id}`);
      if (redrive.state === 'running') throw new Error(JSON.stringify(redrive));
      return redrive;
    },
    { describe: `redrive ${id} to end` },
  );

describe('dead jobs', () => {
  afterEach(discardAll);

  it('are grouped by cause, and tell why and after which attempts they died', async () => {
    const ids = await dead('a', 3);
    const { groups } = await ask('/v1/dead?kind=platform.probe&code=INVALID_INPUT');
    expect(groups).toMatchObject([
      { kind: 'platform.probe', contract_version: 1, code: 'INVALID_INPUT', queues: ['probes'], count: 3 },
    ]);
    expect(ids).toContain(groups[0].sample_job_id);
    expect(groups[0].sample_message).toContain('Told to fail');
    expect((await ask('/v1/dead?queue=elsewhere')).groups).toEqual([]);
    const listed = await ask(`/v1/jobs?fingerprint=${groups[0].fingerprint}`);
    expect(listed.jobs.map((job: { id: string }) => job.id).sort()).toEqual(ids);

    const error = await ask(`/v1/jobs/${ids[0]}/error`);
    expect(error).toMatchObject({
      state: 'dead',
      fingerprint: groups[0].fingerprint,
      error: { code: 'INVALID_INPUT', retryable: false, stack: expect.stringContaining('probe.handler') },
      attempts: [{ attempt: 1, outcome: 'dead', error: { code: 'INVALID_INPUT' } }],
      unreadable_payload: null,
    });
    expect(error.attempts[0].worker_id).toEqual(expect.any(String));
  });

  it('are redriven one by one, with an edited payload, by those who may', async () => {
    const [id] = (await dead('b')) as [string];
    const path = `/v1/jobs/${id}/redrive`;
    const reader = await platform.clientWith('jobs:read', 'jobs:write');
    expect(await reader.send(path, { method: 'POST', body: {} })).toMatchObject({ status: 403 });
    expect(await platform.globex.send(path, { method: 'POST', body: {} })).toMatchObject({ status: 403 });
    const wrong = await admin.send(path, { method: 'POST', body: { payload: { steps: 'many', colour: 'red' } } });
    expect(wrong.status).toBe(400);
    expect(wrong.body.errors.map((e: { path: string }) => e.path)).toEqual(['payload.steps', 'payload.colour']);
    expect(await admin.job(id)).toMatchObject({ state: 'dead' });

    expect(await ask(path, { payload: { text: 'edited' } })).toEqual({ id, state: 'queued' });
    expect(await admin.finished(id)).toMatchObject({
      state: 'succeeded',
      payload: { text: 'edited' },
      result: { text: 'edited', attempt: 2 },
    });
    expect(await admin.send(path, { method: 'POST', body: {} })).toMatchObject({ status: 409 });
    const { entries } = await ask(`/v1/audit?subject=${id}`);
    expect(entries).toMatchObject([
      { action: 'job.edit_and_redrive', actor: expect.stringMatching(/^e2e \([0-9a-f]+\)$/) },
    ]);
  });

  it('are redriven by a filter, once for an idempotency key', async () => {
    const ids = await dead('c', 30);
    await repairJobs(platform.ledger, ids);
    const body = { filter: { kind: 'platform.probe' } };
    expect(await ask('/v1/dead/redrive', { ...body, dry_run: true })).toEqual({
      matched: 30,
      as_of: expect.any(String),
    });
    const headers = { 'idempotency-key': randomUUID() };
    const [first, second] = await Promise.all([1, 2].map(() => ask('/v1/dead/redrive', body, 'POST', headers)));
    expect(first.id).toBe(second.id);
    const [late] = (await dead('late')) as [string];
    expect(await redriveOver(first.id)).toMatchObject({
      state: 'finished',
      counts: { matched: 30, sent: 30, succeeded: 30, dead: 0, pending: 0, open: 0 },
    });
    expect(await admin.job(late)).toMatchObject({ state: 'dead', attempt: 1 });
    expect((await ask('/v1/redrives')).redrives[0]).toMatchObject({ id: first.id, canary: false });
    const other = { ...body, per_second: 1 };
    expect(await admin.send('/v1/dead/redrive', { method: 'POST', body: other, headers })).toMatchObject({
      status: 422,
    });
  });

  it('are tried 1 → 10 → all, until the fingerprint recurs', async () => {
    const ids = await dead('d', 25);
    await repairJobs(platform.ledger, ids.slice(0, 5));
    const { id } = await ask('/v1/dead/redrive', { filter: {}, canary: true });
    const stopped = await redriveOver(id);
    expect(stopped).toMatchObject({
      state: 'stopped',
      canary: true,
      stage: 2,
      counts: { matched: 25, sent: 11, pending: 14 },
    });
    expect(stopped.stop_reason).toContain('died again with fingerprint');
    expect(stopped.counts.recurred).toBeGreaterThan(0);

    await platform.allFinished(ids); // it stops at the first that dies again, others may be running
    await repairJobs(platform.ledger, ids);
    const again = await ask('/v1/dead/redrive', { filter: { kind: 'platform.probe' }, canary: true });
    expect(await redriveOver(again.id)).toMatchObject({
      state: 'finished',
      stage: 3,
      counts: { succeeded: 20, skipped: 0 },
    });
    expect(await Promise.all(ids.map(async (job) => (await admin.job(job)).state))).toEqual(ids.map(() => 'succeeded'));
  });

  it('go on being redriven when the scheduler is killed', async () => {
    const ids = await dead('e', 40);
    await repairJobs(platform.ledger, ids);
    const { id } = await ask('/v1/dead/redrive', { filter: {}, per_second: 20 });
    await waitFor(async () => (await ask(`/v1/redrives/${id}`)).counts.sent > 5);
    await platform.service('scheduler').kill('SIGKILL');
    await platform.launch('scheduler');
    expect(await redriveOver(id)).toMatchObject({ state: 'finished', counts: { sent: 40, succeeded: 40 } });
    const attempts = await Promise.all(ids.map(async (job) => (await admin.job(job)).attempt));
    expect(attempts).toEqual(ids.map(() => 2));
  });

  it('are stopped being redriven by hand', async () => {
    await dead('f', 10);
    const { id } = await ask('/v1/dead/redrive', { filter: {}, per_second: 0.01 });
    await waitFor(async () => (await ask(`/v1/redrives/${id}`)).counts.dead === 1);
    expect(await ask(`/v1/redrives/${id}/stop`, {})).toMatchObject({
      state: 'stopped',
      counts: { sent: 1, pending: 9 },
    });
    expect(await admin.send(`/v1/redrives/${id}/stop`, { method: 'POST', body: {} })).toMatchObject({ status: 409 });
  });

  it('are discarded: still dead, and out of sight', async () => {
    const [one, ...rest] = (await dead('g', 3)) as [string, string, string];
    expect(await ask('/v1/dead/discard', { job_id: one })).toEqual({ discarded: 1 });
    const listed = async (query: string) =>
      (await ask(`/v1/jobs?state=dead&kind=platform.probe${query}`)).jobs.map((job: { id: string }) => job.id);
    expect((await listed('')).sort()).toEqual(rest);
    expect(await listed('&include_discarded=true')).toContain(one);
    expect(await admin.job(one)).toMatchObject({ state: 'dead', discarded_at: expect.any(String) });
    expect(await ask('/v1/dead/discard', { filter: { code: 'INVALID_INPUT' } })).toEqual({ discarded: 2 });
    expect((await ask('/v1/dead')).groups).toEqual([]);
    expect(await admin.send('/v1/dead/discard', { method: 'POST', body: {} })).toMatchObject({ status: 400 });
  });

  it('tell the audit log of cancelling, too', async () => {
    const id = await admin.submit(
      'platform.probe',
      { text: 'h' },
      { body: { run_at: new Date(Date.now() + 3_600_000).toISOString() } },
    );
    await ask(`/v1/jobs/${id}/cancel`, {});
    expect((await ask(`/v1/audit?action=job.cancel&subject=${id}`)).entries).toHaveLength(1);
    const plain = await platform.clientWith('jobs:read', 'dead:redrive');
    expect(await plain.send('/v1/audit')).toMatchObject({ status: 403 });
  });
});

describe('webhooks', () => {
  const received = (count: number) =>
    waitFor(() => receiver.requests.length >= count && receiver.requests, {
      describe: `${count} messages`,
    });

  function signatures(message: LocalProvider['requests'][number]): string[] {
    return String(message.headers['webhook-signature']).split(' ');
  }

  /** As a receiver does it. */
  function sign(secret: string, { headers, body }: LocalProvider['requests'][number]): string {
    const text = `${headers['webhook-id']}.${headers['webhook-timestamp']}.${body}`;
    const key = Buffer.from(secret.slice('whsec_'.length), 'base64');
    return `v1,${createHmac('sha256', key).update(text).digest('base64')}`;
  }

  beforeEach(() => (receiver.requests.length = 0));
  afterEach(() => admin.send('/v1/webhooks/ops', { method: 'DELETE' }));

  const put = (body: object) => ask('/v1/webhooks/ops', body, 'PUT');
  const url = () => `${receiver.baseUrl}/hook?token=t0k`;

  it('tell of deaths and domain events, signed with a secret that is shown once', async () => {
    const { secret, ...made } = await put({ url: url(), events: ['job.dead', 'probe.done'] });
    expect(secret).toMatch(/^whsec_[A-Za-z0-9+/]{43}=$/);
    expect(made).toMatchObject({ name: 'ops', enabled: true, disabled_reason: null });
    expect(JSON.stringify(await ask('/v1/webhooks'))).not.toContain('whsec_');
    expect(await put({ url: url(), events: ['job.dead', 'probe.done'] })).not.toHaveProperty('secret');

    const [id] = (await dead('w')) as [string];
    const [message] = await received(1);
    expect(message).toMatchObject({ method: 'POST', path: '/hook', headers: { 'content-type': 'application/json' } });
    expect(JSON.parse(message!.body)).toMatchObject({
      type: 'job.dead',
      timestamp: expect.any(String),
      data: { job_id: id, kind: 'platform.probe', state: 'dead', error: { code: 'INVALID_INPUT' } },
    });
    expect(signatures(message!)).toEqual([sign(secret, message!)]);
    expect(Math.abs(Number(message!.headers['webhook-timestamp']) - Date.now() / 1000)).toBeLessThan(60);

    const done = await admin.probe({ text: 'fine' });
    const [, event] = await received(2);
    expect(JSON.parse(event!.body)).toMatchObject({
      type: 'probe.done',
      data: { job_id: done, body: { text: 'fine' } },
    });

    const { jobs } = await ask('/v1/jobs?kind=platform.deliver_webhook');
    expect(jobs).toHaveLength(2);
    const delivery = await admin.finished(jobs[0].id);
    expect(delivery).toMatchObject({
      state: 'succeeded',
      payload: { url: '[redacted]', sealed_secrets: '[redacted]', event_type: 'probe.done' },
      result: { status: 200 },
    });
    expect(event!.headers['webhook-id']).toBe(`msg_${delivery.id}`);
  });

  it('sign with both secrets while a rotation overlaps', async () => {
    const { secret: old } = await put({ url: url(), events: ['job.succeeded'] });
    const { secret, old_secret_until } = await ask('/v1/webhooks/ops/rotate', { overlap_seconds: 60 });
    expect(Date.parse(old_secret_until)).toBeGreaterThan(Date.now());
    await admin.probe({ text: 'one' });
    const [message] = await received(1);
    expect(signatures(message!)).toEqual([sign(secret, message!), sign(old, message!)]);
    const { secret: newest } = await ask('/v1/webhooks/ops/rotate', { overlap_seconds: 0 });
    await admin.probe({ text: 'two' });
    const [, next] = await received(2);
    expect(signatures(next!)).toEqual([sign(newest, next!)]);
  });

  it('try again when the receiver fails, and never after a 410', async () => {
    await put({ url: url(), events: ['job.succeeded'] });
    answer = { status: 503, body: '', headers: { 'retry-after': '1' } };
    await admin.probe({ text: 'one' });
    await received(1);
    answer = { status: 204, body: '' };
    const [first, second] = await received(2);
    expect(second!.headers['webhook-id']).toBe(first!.headers['webhook-id']);

    answer = { status: 410, body: '' };
    await admin.probe({ text: 'two' });
    const gone = await waitFor(async () => {
      const webhook = await ask('/v1/webhooks/ops');
      return webhook.enabled === false && webhook;
    });
    expect(gone.disabled_reason).toContain('410');
    const last = await admin.probe({ text: 'three' });
    await admin.finished(last);
    const { jobs } = await ask('/v1/jobs?kind=platform.deliver_webhook');
    const states = await Promise.all(jobs.slice(0, 2).map((job: { id: string }) => admin.finished(job.id)));
    expect(states.map(({ state }) => state)).toEqual(['cancelled', 'succeeded']);
    expect(receiver.requests).toHaveLength(3);
  });

  it('are refused when they name no event or no address that may be called', async () => {
    const refused = async (body: object) => {
      const { status, body: problem } = await admin.send('/v1/webhooks/ops', { method: 'PUT', body });
      return [status, problem.errors?.map((e: { path: string }) => e.path)];
    };
    expect(await refused({ url: url(), events: ['job.born'] })).toEqual([400, ['events[0]']]);
    expect(await refused({ url: 'ftp://example.com', events: ['job.dead'] })).toEqual([400, ['url']]);
    expect(await refused({ url: url(), events: [] })).toEqual([400, ['events']]);
    expect(await platform.acme.send('/v1/webhooks')).toMatchObject({ status: 403 });
  });
});
