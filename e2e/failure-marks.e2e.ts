import { waitFor } from '@roundhouse/testing';
import type { Client } from './platform/client.js';
import { startPlatform, type Platform } from './platform/platform.js';

let platform: Platform;
let operator: Client;
beforeAll(async () => {
  platform = await startPlatform();
  operator = await platform.clientWith('jobs:view', 'jobs:write', 'jobs:read', 'dead:redrive');
});
afterAll(() => platform?.stop());

async function die(code: string): Promise<void> {
  const id = await platform.acme.submit('platform.probe', { failures: 99, failure_code: `ERROR_CODE_${code}` });
  expect((await platform.acme.finished(id)).state).toBe('dead');
}

async function group(code: string) {
  const { groups } = (await operator.send(`/v1/dead?code=${code}`)).body;
  expect(groups).toHaveLength(1);
  return groups[0];
}

const send = (method: string, path: string, body?: unknown) => operator.send(`/v1/dead/${path}`, { method, body });

/** Deaths that the gateway has counted, by whether their cause was muted. */
async function counted(reason: string): Promise<Record<string, number>> {
  const text = await platform.metricsOf('gateway');
  const lines = text
    .split('\n')
    .filter((line) => line.startsWith('roundhouse_jobs_dead_total{') && line.includes(reason));
  return Object.fromEntries(lines.map((line) => [/muted="(\w+)"/.exec(line)?.[1], Number(line.split(' ').at(-1))]));
}

/** A death is counted a moment after it is in the ledger. */
const untilCounted = (reason: string, deaths: Record<string, number>) =>
  waitFor(async () => {
    expect(await counted(reason)).toEqual(deaths);
    return true;
  });

it('counts deaths of a muted cause apart, shows who muted it, why and until when, and says so in the audit log', async () => {
  await die('INVALID_INPUT');
  const { fingerprint, status } = await group('INVALID_INPUT');
  expect(status).toBe('open');
  const until = new Date(Date.now() + 3_600_000).toISOString();
  expect((await send('POST', `${fingerprint}/mute`, { reason: 'the bank is down', until })).status).toBe(204);
  expect(await group('INVALID_INPUT')).toMatchObject({
    status: 'muted',
    muted: { by: expect.stringContaining('e2e'), reason: 'the bank is down', until },
  });
  await die('INVALID_INPUT');
  await untilCounted('INVALID_INPUT', { false: 1, true: 1 });
  const overview = async () => (await operator.send('/v1/console/overview')).body.hour as Record<string, number[]>;
  const sum = (values: number[] = []) => values.reduce((total, value) => total + value, 0);
  await waitFor(async () => sum((await overview()).muted) === 1, { describe: 'the muted death' });
  expect(sum((await overview()).dead)).toBe(2);

  expect((await send('DELETE', `${fingerprint}/mute`)).status).toBe(204);
  expect(await group('INVALID_INPUT')).toMatchObject({ status: 'open', muted: null });
  await die('INVALID_INPUT');
  await untilCounted('INVALID_INPUT', { false: 2, true: 1 });
  const admin = await platform.clientWith('admin');
  const { entries } = (await admin.send(`/v1/audit?subject=${fingerprint}`)).body;
  expect(entries).toMatchObject([
    { action: 'failure.unmute' },
    { action: 'failure.mute', detail: { reason: 'the bank is down', until } },
  ]);
});

it('lists what is muted, also when no job is dead of it any more, and ends that', async () => {
  await die('FAILED_PRECONDITION');
  const { fingerprint } = await group('FAILED_PRECONDITION');
  await send('POST', `${fingerprint}/mute`, { reason: 'known' });
  await send('POST', 'discard', { filter: { code: 'FAILED_PRECONDITION' } });
  expect((await operator.send('/v1/dead?code=FAILED_PRECONDITION')).body.groups).toEqual([]);
  const mine = async (client: Client) =>
    ((await client.send('/v1/dead/mutes')).body.mutes as { fingerprint: string }[]).filter(
      (mute) => mute.fingerprint === fingerprint,
    );
  expect(await mine(operator)).toEqual([
    {
      fingerprint,
      kind: 'platform.probe',
      code: 'FAILED_PRECONDITION',
      at: expect.any(String),
      by: expect.stringContaining('e2e'),
      reason: 'known',
      until: null,
    },
  ]);
  expect(await mine(await platform.clientOf('globex', 'jobs:view'))).toEqual([]);
  await platform.ledger.query(`update ledger.jobs set state = 'cancelled' where fingerprint = $1`, [fingerprint]);
  await send('POST', `${fingerprint}/mute`, { reason: 'still known' });
  expect(await mine(operator)).toMatchObject([{ kind: 'platform.probe', reason: 'still known' }]);
  expect((await send('DELETE', `${fingerprint}/mute`)).status).toBe(204);
  expect(await mine(operator)).toEqual([]);
});

it('ends a mute at its time', async () => {
  await die('UNAUTHENTICATED');
  const { fingerprint } = await group('UNAUTHENTICATED');
  await send('POST', `${fingerprint}/mute`, { reason: 'x', until: new Date(Date.now() + 3_600_000).toISOString() });
  await platform.ledger.query(`update ledger.failure_marks set muted_until = now() where fingerprint = $1`, [
    fingerprint,
  ]);
  expect(await group('UNAUTHENTICATED')).toMatchObject({ status: 'open', muted: null });
  await die('UNAUTHENTICATED');
  await untilCounted('UNAUTHENTICATED', { false: 2 });
});

it('opens a resolved cause again when a job dies of it', async () => {
  await die('NOT_FOUND');
  const { fingerprint } = await group('NOT_FOUND');
  expect((await send('POST', `${fingerprint}/resolve`, { reason: 'release 12' })).status).toBe(204);
  expect(await group('NOT_FOUND')).toMatchObject({ status: 'resolved', resolved: { reason: 'release 12' } });
  expect((await operator.send('/v1/dead?status=resolved')).body.groups).toHaveLength(1);
  await die('NOT_FOUND');
  expect(await group('NOT_FOUND')).toMatchObject({ status: 'recurred', resolved: { reason: 'release 12' } });
  expect((await send('DELETE', `${fingerprint}/resolve`)).status).toBe(204);
  expect(await group('NOT_FOUND')).toMatchObject({ status: 'open', resolved: null });
});

it('refuses what makes no sense, and strangers', async () => {
  expect((await send('POST', 'nothing/mute', { reason: 'x' })).status).toBe(404);
  await die('FAILED_PRECONDITION');
  const { fingerprint } = await group('FAILED_PRECONDITION');
  const past = { reason: 'x', until: '2020-01-01T00:00:00Z' };
  expect((await send('POST', `${fingerprint}/mute`, past)).body).toMatchObject({ errors: [{ path: 'until' }] });
  expect((await send('POST', `${fingerprint}/mute`, {})).body).toMatchObject({ errors: [{ path: 'reason' }] });
  const path = `/v1/dead/${fingerprint}/resolve`;
  const globex = await platform.clientOf('globex', 'dead:redrive');
  expect((await globex.send(path, { method: 'POST', body: {} })).status).toBe(404);
  const viewer = await platform.clientWith('jobs:view');
  expect((await viewer.send(path, { method: 'POST', body: {} })).status).toBe(403);
});
