import { networkInterfaces } from 'node:os';
import { heapSnapshot } from './diagnostics.js';
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
});

it('takes no snapshot of a heap that would stop the process too long', async () => {
  await expect(heapSnapshot(1_000_000)).rejects.toMatchObject({
    kind: 'too_large',
    message: expect.stringMatching(/has \d+ MB/),
  });
});

it('takes one at a time', async () => {
  await start();
  const answers = await Promise.all([ask('cpu-profile?seconds=1'), ask('cpu-profile?seconds=1')]);
  expect(answers.map(({ status }) => status).sort()).toEqual([200, 409]);
});

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
