import { APP_FILTER } from '@nestjs/core';
import { createLogger } from '@roundhouse/telemetry';
import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { ProblemFilter, startHttp } from '../http/index.js';
import { serveConsole } from './console-files.js';

type App = Awaited<ReturnType<typeof startHttp>>;

let folder: string;
let app: App;
let url: string;
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'console-'));
  await mkdir(join(folder, 'assets'));
  await writeFile(join(folder, 'index.html'), '<html></html>');
  await writeFile(join(folder, 'assets', 'app.js'), 'start();');
  class NoRoutes {}
  const log = createLogger({ service: 'gateway', version: '0', level: 'fatal' });
  app = await startHttp({
    module: { module: NoRoutes, providers: [{ provide: APP_FILTER, useValue: new ProblemFilter(log) }] },
    config: {
      httpHost: '127.0.0.1',
      httpPort: 0,
      trustedProxies: [],
      httpHeadersTimeout: 60_000,
      httpRequestTimeout: 60_000,
    },
    log,
    admit: () => undefined,
    addPages: (fastify, problems, routes) => serveConsole(fastify, folder, { problems, routes }),
  });
  url = `http://127.0.0.1:${(app.getHttpServer().address() as AddressInfo).port}`;
});
afterAll(async () => {
  await app?.close();
  await rm(folder, { recursive: true });
});

it('serves its files, and its page in any place', async () => {
  expect(await (await fetch(`${url}/assets/app.js`)).text()).toBe('start();');
  const page = await fetch(`${url}/queues/digests`, { headers: { accept: 'text/html' } });
  expect([page.status, await page.text()]).toEqual([200, '<html></html>']);
});

it.each<[string, string, RequestInit, number]>([
  ['a file that is not there', '/assets/other.js', {}, 404],
  ['a folder', '/assets/', {}, 404],
  ['what lies elsewhere', '/assets/..%2findex.html', {}, 404],
  ['no name', '/assets/%00', {}, 400],
  ['no URL', '/assets/%ZZ', {}, 400],
  ['a part that it does not have', '/assets/app.js', { headers: { range: 'bytes=100-' } }, 416],
  ['a condition that does not hold', '/assets/app.js', { headers: { 'if-match': '"other"' } }, 412],
  ['another method', '/assets/app.js', { method: 'POST' }, 405],
])('refuses %s with a problem', async (_, path, init, status) => {
  const response = await fetch(`${url}${path}`, init);
  expect([response.status, response.headers.get('content-type')]).toEqual([
    status,
    'application/problem+json; charset=utf-8',
  ]);
  expect(await response.json()).toMatchObject({ status });
});
