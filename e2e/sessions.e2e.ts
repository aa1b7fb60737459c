import { ApiKeys } from '@roundhouse/ledger';
import { EventSource } from './platform/event-source.js';
import { startPlatform, type Platform } from './platform/platform.js';

let platform: Platform;
let keys: ApiKeys;
beforeAll(async () => {
  platform = await startPlatform({ gateways: 2 });
  keys = new ApiKeys(platform.ledger);
});
afterAll(() => platform?.stop());

const url = (path: string, gateway = 'gateway') => `${platform.service(gateway).url}${path}`;
const streamEnds = 60_000;

async function logIn(key: string): Promise<{ cookie: string; csrf: string }> {
  const response = await fetch(url('/v1/session'), {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify({ api_key: key }),
  });
  const { csrf_token: csrf } = (await response.json()) as { csrf_token: string };
  return { cookie: response.headers.getSetCookie()[0]!.split(';')[0]!, csrf };
}

/** Resolves when the other side ends the stream. */
async function ended(stream: EventSource): Promise<void> {
  const timeout = AbortSignal.timeout(streamEnds);
  await Promise.race([
    stream.over,
    new Promise((_resolve, reject) => timeout.addEventListener('abort', () => reject(new Error('The stream goes on')))),
  ]);
}

it('logs out for good: a copy of the cookie is worth nothing at any gateway, and its streams end', async () => {
  const key = await keys.create('acme', 'session', ['jobs:view', 'jobs:read']);
  const { cookie, csrf } = await logIn(key);
  const other = await logIn(key);
  const streams = await Promise.all([
    EventSource.open(url('/v1/console/events'), { cookie }),
    EventSource.open(url('/v1/console/events', 'gateway2'), { cookie }),
    EventSource.open(url('/v1/events'), { cookie }),
  ]);
  const kept = await EventSource.open(url('/v1/console/events'), { cookie: other.cookie });
  expect((await fetch(url('/v1/session'), { headers: { cookie } })).status).toBe(200);
  const out = await fetch(url('/v1/session'), { method: 'DELETE', headers: { cookie, 'x-csrf-token': csrf } });
  expect(out.status).toBe(204);
  expect((await fetch(url('/v1/session'), { headers: { cookie } })).status).toBe(401);
  await Promise.all(streams.map(ended));
  expect((await fetch(url('/v1/session', 'gateway2'), { headers: { cookie } })).status).toBe(401);
  // Another session of the same key is none of its business.
  expect((await fetch(url('/v1/session'), { headers: { cookie: other.cookie } })).status).toBe(200);
  await kept.close();
});

it('ends every stream of a key that is revoked or expires', async () => {
  const revoked = await keys.create('acme', 'revoked', ['jobs:view', 'jobs:read', 'jobs:write']);
  const expiring = await keys.create('acme', 'expiring', ['jobs:view'], new Date(Date.now() + 15_000));
  const id = await platform.acme.submit('platform.probe', {}, { body: { delay_seconds: 3_600 } });
  const batch = await platform.acme.send('/v1/batches', {
    method: 'POST',
    body: { name: 'b', jobs: [{ kind: 'platform.probe', payload: {}, delay_seconds: 3_600 }] },
  });
  expect(batch.status).toBe(202);
  const bearer = (key: string) => ({ authorization: `Bearer ${key}` });
  const { cookie } = await logIn(revoked);
  const streams = await Promise.all([
    EventSource.open(url('/v1/events'), bearer(revoked)),
    EventSource.open(url(`/v1/jobs/${id}/events`), bearer(revoked)),
    EventSource.open(url(`/v1/batches/${batch.body.id}/events`), bearer(revoked)),
    EventSource.open(url('/v1/console/events'), { cookie }),
    EventSource.open(url('/v1/console/events', 'gateway2'), bearer(expiring)),
  ]);
  await keys.revoke(revoked.slice(3, 19));
  await Promise.all(streams.map(ended));
  expect((await fetch(url('/v1/session'), { headers: { cookie } })).status).toBe(401);
});

it('lets who may view read schedules, without their payloads', async () => {
  const admin = await platform.clientWith('admin');
  const schedule = { name: 's', cron: '0 3 * * *', time_zone: 'UTC', kind: 'platform.probe', payload: { text: 'x' } };
  const { body: made } = await admin.send('/v1/schedules', { method: 'POST', body: schedule });
  const viewer = await platform.clientWith('jobs:view');
  const list = await viewer.send('/v1/schedules');
  expect(list).toMatchObject({ status: 200, body: { schedules: [{ id: made.id, name: 's', payload: null }] } });
  expect((await viewer.send(`/v1/schedules/${made.id}`)).body).toMatchObject({ cron: '0 3 * * *', payload: null });
  expect((await viewer.send(`/v1/schedules/${made.id}/history`)).status).toBe(200);
  expect((await viewer.send(`/v1/schedules/${made.id}/pause`, { method: 'POST' })).status).toBe(403);
  const operator = await platform.clientWith('jobs:view', 'schedules:admin');
  expect((await operator.send(`/v1/schedules/${made.id}`)).body.payload).toMatchObject({ text: 'x' });
});
