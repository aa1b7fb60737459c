import { createLogger } from '@roundhouse/telemetry';
import { waitFor } from '@roundhouse/testing';
import { connect, createServer, type AddressInfo, type Server } from 'node:net';
import { HealthChecks } from './health-checks.js';
import { isAway } from './is-away.js';
import { reachFor } from './reach.js';

const log = createLogger({ service: 'test', version: '0', level: 'silent' as never });
let health: HealthChecks;
let stop: AbortController;
beforeEach(() => {
  health = new HealthChecks();
  stop = new AbortController();
});

const reach = () => reachFor({ log, health, signal: stop.signal, firstDelayMs: 10 });
const coded = (code: string, message = code) => Object.assign(new Error(message), { code });

const listen = (server: Server, port = 0) =>
  new Promise<number>((resolve) =>
    server.listen(port, '127.0.0.1', () => resolve((server.address() as AddressInfo).port)),
  );
const call = (port: number) =>
  new Promise<string>((resolve, reject) => {
    const socket = connect(port, '127.0.0.1');
    socket.once('error', reject).once('connect', () => {
      socket.destroy();
      resolve('there');
    });
  });

it('waits until somebody listens, not ready meanwhile and saying why', async () => {
  const server = createServer();
  const port = await listen(server);
  await new Promise((resolve) => server.close(resolve));
  const reached = reach()('broker', () => call(port));
  await waitFor(async () => (await health.readiness()).status === 'not_ready', { describe: 'the wait' });
  expect((await health.readiness()).checks).toEqual([
    {
      name: 'broker.start',
      ok: false,
      essential: true,
      reason: expect.stringMatching(/^waiting for the broker: .*ECONNREFUSED/),
    },
  ]);
  await listen(server, port);
  expect(await reached).toBe('there');
  expect(await health.readiness()).toEqual({ status: 'ready', checks: [] });
  server.close();
});

it('throws at once what waiting does not change', async () => {
  let tries = 0;
  const refused = reach()('database', async () => {
    tries += 1;
    throw coded('28P01', 'password authentication failed');
  });
  await expect(refused).rejects.toThrow('password authentication failed');
  expect([tries, (await health.readiness()).checks]).toEqual([1, []]);
});

it('also when the server is there at last, and refuses', async () => {
  let tries = 0;
  const refused = reach()('broker', async () => {
    tries += 1;
    throw tries < 3 ? coded('ECONNREFUSED') : new Error('Handshake terminated by server: 403 (ACCESS-REFUSED)');
  });
  await expect(refused).rejects.toThrow('403');
  expect((await health.readiness()).status).toBe('ready');
});

it('ends when the process is told to stop', async () => {
  const waiting = reach()('database', () => Promise.reject(coded('ECONNREFUSED')));
  await waitFor(async () => (await health.readiness()).status === 'not_ready', { describe: 'the wait' });
  stop.abort();
  await expect(waiting).rejects.toThrow();
  expect((await health.readiness()).checks).toEqual([]);
});

it.each([
  [coded('ENOTFOUND'), true],
  [coded('57P03', 'the database system is starting up'), true],
  [new Error('Socket closed abruptly during opening handshake'), true],
  [new Error('Connection terminated unexpectedly'), true],
  [new Error('could not', { cause: coded('ETIMEDOUT') }), true],
  [new AggregateError([coded('ECONNREFUSED'), coded('ECONNREFUSED')], ''), true],
  [new AggregateError([coded('ECONNREFUSED'), coded('EACCES')], ''), false],
  [coded('3D000', 'database "x" does not exist'), false],
  [coded('28P01'), false],
  [new Error('Handshake terminated by server: 403 (ACCESS-REFUSED) with message "..."'), false],
  [new Error('Connection closed: 530 (NOT-ALLOWED) with message "vhost not found"'), false],
  [new Error('Connection closed: 320 (CONNECTION-FORCED) with message "shutdown"'), true],
  [new TypeError('x is not a function'), false],
  ['text', false],
])('%s: away %s', (error, away) => {
  expect(isAway(error)).toBe(away);
});
