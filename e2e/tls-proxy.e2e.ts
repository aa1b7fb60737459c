import { startPlatform, type Platform } from './platform/platform.js';
import { TlsProxy } from './platform/tls-proxy.js';

let platform: Platform;
let proxy: TlsProxy;
beforeAll(async () => {
  platform = await startPlatform();
  proxy = await TlsProxy.start(platform.service('gateway').url);
});
afterAll(async () => {
  await proxy?.stop();
  await platform?.stop();
});

const attributesOf = (cookie: string | undefined): string[] =>
  (cookie ?? '')
    .split('; ')
    .slice(1)
    .map((attribute) => attribute.toLowerCase());

async function directly(gateway: string, headers: Record<string, string>): Promise<string[]> {
  const answer = await fetch(`${platform.service(gateway).url}/v1/session`, {
    method: 'POST',
    headers: { 'content-type': 'application/json', ...headers },
    body: JSON.stringify({ api_key: platform.acme.key }),
  });
  expect(answer.status).toBe(201);
  return attributesOf(answer.headers.getSetCookie()[0]);
}

it('behind a proxy that ends TLS the cookie is Secure when it comes and when it goes, and the session works', async () => {
  const loggedIn = await proxy.send('/v1/session', { method: 'POST', body: { api_key: platform.acme.key } });
  expect(loggedIn.status).toBe(201);
  expect(attributesOf(loggedIn.cookies[0])).toEqual(expect.arrayContaining(['secure', 'httponly', 'samesite=strict']));
  const cookie = loggedIn.cookies[0]!.split(';')[0]!;
  expect((await proxy.send('/v1/session', { headers: { cookie } })).status).toBe(200);
  const csrf = (JSON.parse(loggedIn.body) as { csrf_token: string }).csrf_token;
  const out = await proxy.send('/v1/session', { method: 'DELETE', headers: { cookie, 'x-csrf-token': csrf } });
  expect(out.status).toBe(204);
  expect(attributesOf(out.cookies[0])).toContain('secure');
});

it('links that it gives out there begin as people reach it', async () => {
  const id = await platform.acme.submit('platform.noop', {}, { body: { delay_seconds: 3_600 } });
  const made = await proxy.send(`/v1/jobs/${id}/status-links`, {
    method: 'POST',
    headers: { authorization: `Bearer ${platform.acme.key}` },
    body: {},
  });
  const { url } = JSON.parse(made.body) as { url: string };
  expect(url.startsWith(`${proxy.url}/status/`)).toBe(true);
  const page = await proxy.send(url.slice(proxy.url.length), { headers: { accept: 'text/html' } });
  expect(page.status).toBe(200);
});

it('without a proxy the cookie is not Secure, or plain http could not log in', async () => {
  expect(await directly('gateway', {})).not.toContain('secure');
});

it('believes nobody about the protocol who is not trusted', async () => {
  await platform.launch('gateway2', { ROUNDHOUSE_TRUSTED_PROXIES: 'none' });
  expect(await directly('gateway2', { 'x-forwarded-proto': 'https' })).not.toContain('secure');
  expect(await directly('gateway', { 'x-forwarded-proto': 'https' })).toContain('secure');
});
