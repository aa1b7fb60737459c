import { networkInterfaces } from 'node:os';
import { HealthChecks } from './health-checks.js';
import { startHealthServer, type HealthServer } from './health-server.js';

const token = 'a-token-of-at-least-24-characters';
const authorization = `Bearer ${token}`;
let server: HealthServer;

async function start(diagnosticsToken: string | undefined = token): Promise<void> {
  const checks = new HealthChecks();
  server = await startHealthServer({ host: '0.0.0.0', port: 0, service: 's', version: '1', checks, diagnosticsToken });
}
const ask = (path: string, headers: Record<string, string> = { authorization }, method = 'POST', host = '127.0.0.1') =>
  fetch(`http://${host}:${server.port}/debug/${path}`, { method, headers });

afterEach(() => server.close());

it('profiles the CPU for as long as it is told', async () => {
  await start();
  const before = Date.now();
  const response = await ask('cpu-profile?seconds=1');
  expect(response.status).toBe(200);
  expect(response.headers.get('content-disposition')).toMatch(/\.cpuprofile"$/);
  const profile = (await response.json()) as { nodes: unknown[]; startTime: number; endTime: number };
  expect(profile.nodes.length).toBeGreaterThan(1);
  expect(Date.now() - before).toBeGreaterThanOrEqual(990);
}, 30_000);

it('takes a snapshot of the heap, unless that would stop the process too long', async () => {
  await start();
  // A test runner's own heap may have grown beyond the limit.
  const large = process.memoryUsage().heapUsed > 1024 ** 3;
  const response = await ask('heap-snapshot');
  expect(response.status).toBe(large ? 507 : 200);
  if (large) return expect(await response.text()).toContain('would stop the process too long');
  expect(response.headers.get('content-disposition')).toMatch(/\.heapsnapshot"$/);
  const text = await response.text();
  expect(text.slice(0, 20)).toContain('{"snapshot"');
  expect(text.trimEnd().endsWith('}')).toBe(true);
}, 60_000);

it('takes one at a time', async () => {
  await start();
  const first = ask('cpu-profile?seconds=1');
  await new Promise((resolve) => setTimeout(resolve, 200));
  expect((await ask('cpu-profile?seconds=1')).status).toBe(409);
  expect((await first).status).toBe(200);
}, 30_000);

it.each(['0', '61', '1.5', 'x', '-1'])('does not profile for %s seconds', async (seconds) => {
  await start();
  expect((await ask(`cpu-profile?seconds=${seconds}`)).status).toBe(400);
});

it('gives nothing to whoever has not the token, asks otherwise or for something else', async () => {
  await start();
  expect((await ask('heap-snapshot', {})).status).toBe(403);
  expect((await ask('heap-snapshot', { authorization: 'Bearer wrong' })).status).toBe(403);
  expect((await ask('heap-snapshot', { authorization }, 'GET')).status).toBe(405);
  expect((await ask('environment')).status).toBe(404);
});

it('gives nothing to another machine, whatever it knows', async () => {
  const addresses = Object.values(networkInterfaces()).flatMap((list) => list ?? []);
  const own = addresses.find(({ family, internal }) => family === 'IPv4' && !internal)?.address;
  await start();
  // From its own outside address the machine looks like another one; a machine without a network has none.
  if (own) expect((await ask('heap-snapshot', { authorization }, 'POST', own)).status).toBe(403);
  else expect(addresses.every(({ internal }) => internal)).toBe(true);
});

it('is not there without a token', async () => {
  const checks = new HealthChecks();
  server = await startHealthServer({ host: '127.0.0.1', port: 0, service: 's', version: '1', checks });
  expect((await ask('heap-snapshot')).status).toBe(404);
});
