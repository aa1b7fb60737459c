import { keysOf, startLocalProvider, testKeys, waitFor, type LocalProvider } from '@roundhouse/testing';
import { CredentialCipher } from '@roundhouse/trading';
import { randomBytes, randomUUID } from 'node:crypto';
import { SignedLinks } from '../apps/gateway/src/platform/access/signed-link.js';
import type { Client } from './platform/client.js';
import { startPlatform, type Platform } from './platform/platform.js';

/** As versions had it that knew one key: what it has signed and sealed looks the same. */
const old = randomBytes(32);
const next = testKeys();
const oldKeys = Object.fromEntries(Object.keys(next).map((name) => [name, old.toString('base64')]));
const previous = Object.fromEntries(
  Object.keys(next).map((name) => [
    name.replace('ROUNDHOUSE_', 'ROUNDHOUSE_PREVIOUS_').replace(/$/, 'S'),
    oldKeys[name]!,
  ]),
);
const env = { ROUNDHOUSE_ALLOW_PRIVATE_WEBHOOKS: 'true' };

let platform: Platform;
let receiver: LocalProvider;
let admin: Client;
let apiKey: string;
beforeAll(async () => {
  receiver = await startLocalProvider(() => ({ status: 204, body: '' }));
  platform = await startPlatform({
    env,
    envOf: { gateway: keysOf('gateway', oldKeys), notifier: keysOf('notifier', oldKeys) },
  });
  await platform.launch('notifier');
  admin = await platform.clientWith('admin', 'jobs:write', 'jobs:read');
  apiKey = admin.key!;
});
afterAll(async () => {
  await platform?.stop();
  await receiver?.close();
});

async function restart(keys: Record<string, string>): Promise<void> {
  for (const name of ['notifier', 'gateway']) {
    await platform.service(name).stop();
    await platform.launch(name, keys);
  }
}

async function logIn(): Promise<string> {
  const answer = await admin.send('/v1/session', { method: 'POST', body: { api_key: apiKey } });
  return answer.headers.getSetCookie()[0]!.split(';')[0]!;
}

const sessionStatus = async (cookie: string) =>
  (await fetch(`${platform.service('gateway').url}/v1/session`, { headers: { cookie } })).status;
/** A digest that is not there: 404 for whom the link lets in, else 401. */
const digestPath = `/v1/digests/${randomUUID()}/page`;
const linkStatus = async (link: string) => (await platform.anybody().send(link)).status;

async function statusLink(): Promise<string> {
  const id = await admin.submit('platform.noop', { text: 'x' });
  const { body } = await admin.send(`/v1/jobs/${id}/status-links`, { method: 'POST', body: {} });
  return new URL(body.url).pathname;
}

async function delivered(): Promise<boolean> {
  receiver.requests.length = 0;
  await admin.probe({ text: 'tell' });
  const [message] = await waitFor(() => receiver.requests.length > 0 && receiver.requests);
  return String(message!.headers['webhook-signature']).startsWith('v1,');
}

it('what a key has signed and sealed holds after its rotation, and what it has signed ends with it', async () => {
  await admin.send('/v1/webhooks/ops', { method: 'PUT', body: { url: receiver.baseUrl, events: ['probe.done'] } });
  const connection = await admin.send('/v1/connections', {
    method: 'POST',
    body: { user_id: 'u', broker: 'alpaca', name: 'a', credentials: { key_id: 'PK1', secret: 'swordfish' } },
  });
  expect(connection).toMatchObject({ status: 201 });
  const before = {
    session: await logIn(),
    link: new SignedLinks(old).sign(digestPath, 'acme', 3_600),
    status: await statusLink(),
  };
  expect(await sessionStatus(before.session)).toBe(200);
  expect([await linkStatus(before.link), await linkStatus(before.status)]).toEqual([404, 200]);
  expect(await delivered()).toBe(true);

  await restart({ ...next, ...previous });
  expect(await sessionStatus(before.session)).toBe(200);
  expect([await linkStatus(before.link), await linkStatus(before.status)]).toEqual([404, 200]);
  expect(await delivered()).toBe(true);
  const linkKey = Buffer.from(next.ROUNDHOUSE_LINK_KEY!, 'base64');
  const after = {
    session: await logIn(),
    link: new SignedLinks(linkKey).sign(digestPath, 'acme', 3_600),
    status: await statusLink(),
  };
  // Sealed again by the gateway when it started, so that the old keys can go.
  const [{ credentials }] = await platform.ledger.query('select credentials from trading.connections');
  const cipher = new CredentialCipher(Buffer.from(next.ROUNDHOUSE_CREDENTIAL_KEY!, 'base64'));
  const owner = { tenantId: 'acme', connectionId: connection.body.id };
  expect(cipher.open(owner, credentials)).toMatchObject({ secret: 'swordfish' });

  // The variables of the earlier start would go along otherwise.
  await restart({ ...next, ...Object.fromEntries(Object.keys(previous).map((name) => [name, ''])) });
  expect([await sessionStatus(before.session), await sessionStatus(after.session)]).toEqual([401, 200]);
  expect([await linkStatus(before.link), await linkStatus(after.link)]).toEqual([401, 404]);
  expect([await linkStatus(before.status), await linkStatus(after.status)]).toEqual([404, 200]);
  expect(await delivered()).toBe(true);
});
