import { TcpProxy, waitFor, type ServiceProcess } from '@roundhouse/testing';
import { createServer, type AddressInfo } from 'node:net';
import { apps, startPlatform, type App, type Platform } from './platform/platform.js';

/** Services that are there before the servers they need. */
let platform: Platform;
const proxies: TcpProxy[] = [];
beforeAll(async () => {
  platform = await startPlatform({ workers: 0, gateways: 0 });
});
afterAll(async () => {
  await platform?.stop();
  await Promise.all(proxies.map((proxy) => proxy.stop()));
});

/** A port behind which nobody listens. */
async function closedPort(): Promise<number> {
  const server = createServer();
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const { port } = server.address() as AddressInfo;
  await new Promise((resolve) => server.close(resolve));
  return port;
}

const variables = { broker: 'ROUNDHOUSE_AMQP_URL', database: 'ROUNDHOUSE_DATABASE_URL' } as const;
type Kind = keyof typeof variables;

function urlOf(app: App, kind: Kind): URL {
  if (kind === 'broker') return new URL(platform.amqpUrl);
  return new URL(app === 'gateway' || app === 'scheduler' ? platform.urls.gateway : platform.urls.worker);
}

interface Early {
  app: App;
  service: ServiceProcess;
  /** Of /readyz. */
  port: number;
}

async function startEarly(app: App, kind: Kind, at: number): Promise<Early> {
  const url = urlOf(app, kind);
  [url.hostname, url.port] = ['127.0.0.1', String(at)];
  const port = await closedPort();
  const own = app === 'gateway' ? 'ROUNDHOUSE_HTTP_PORT' : 'ROUNDHOUSE_HEALTH_PORT';
  const service = platform.spawn(`${app}8`, { [variables[kind]]: url.href, [own]: String(port) });
  return { app, service, port };
}

async function expectWaiting({ app, service, port }: Early, kind: Kind): Promise<void> {
  await waitFor(() => service.logs('service.waiting').length > 0 || !service.running, { describe: `${app} to wait` });
  expect([app, service.running]).toEqual([app, true]);
  expect(service.logs('service.waiting')[0]).toMatchObject({ server: kind, error: expect.stringContaining('REFUSED') });
  const answer = await fetch(`http://127.0.0.1:${port}/readyz`);
  const { checks } = (await answer.json()) as { checks: { reason?: string }[] };
  expect([answer.status, checks.map(({ reason }) => reason)]).toEqual([
    503,
    expect.arrayContaining([expect.stringMatching(`^waiting for the ${kind}: `)]),
  ]);
}

it.each([
  ['broker', apps],
  ['database', apps.filter((app) => app !== 'notifier')],
] as const)(
  'wait for the %s instead of ending, and go on when it is there',
  async (kind, waiting) => {
    const at = await closedPort();
    const early = await Promise.all(waiting.map((app) => startEarly(app, kind, at)));
    for (const one of early) await expectWaiting(one, kind);
    const elsewhere = await fetch(`http://127.0.0.1:${early[0]!.port}/v1/jobs`, { method: 'POST' });
    expect(elsewhere.status).toBe(503);
    const { hostname: host, port } = urlOf('probe', kind);
    proxies.push(await TcpProxy.start({ host, port: Number(port) }, at));
    for (const { app, service } of early) {
      await service.waitUntilReady();
      expect([app, service.logs('service.reached').length > 0]).toEqual([app, true]);
    }
    await Promise.all(early.map(({ service }) => service.stop()));
  },
  600_000,
);

it('end at once, in order, when they are told to while they wait', async () => {
  const early = await startEarly('probe', 'database', await closedPort());
  await expectWaiting(early, 'database');
  expect(await early.service.kill('SIGTERM')).toEqual({ code: 0, signal: null });
});

it.each([
  ['gateway', 'database'],
  ['probe', 'database'],
  ['gateway', 'broker'],
  ['scheduler', 'broker'],
  ['notifier', 'broker'],
] as const)('%s does not wait when the %s refuses its password', async (app, kind) => {
  const url = urlOf(app, kind);
  url.password = 'wrong';
  const service = platform.spawn(`${app}9`, { [variables[kind]]: url.href });
  expect(await service.exited).toEqual({ code: 1, signal: null });
  platform.processes.delete(`${app}9`);
  expect([service.logs('service.waiting'), service.logs('service.start_failed')]).toEqual([[], [expect.anything()]]);
});
