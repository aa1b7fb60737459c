import { expect, test } from '@jest/globals';
import { catalogue } from '@roundhouse/contracts';
import { brokerRights, brokerUser, exchange, topology } from '@roundhouse/rabbitmq';
import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { join, resolve } from 'node:path';

const root = resolve(import.meta.dirname, '..');
const apps = readdirSync(join(root, 'apps')).filter((app) => existsSync(join(root, 'apps', app, 'src/main.ts')));
const shared = [...topology().queues, ...topology().exchanges].map(({ name }) => name);
const matching = (pattern) => shared.filter((name) => new RegExp(pattern).test(name)).sort();

/** Queues of the kinds that an app has handlers for. */
function handledQueues(app) {
  const folder = join(root, 'apps', app, 'src');
  const files = readdirSync(folder, { recursive: true }).filter((file) => /\.handlers?\.ts$/.test(file));
  const kinds = files.flatMap((file) =>
    [...readFileSync(join(folder, file), 'utf8').matchAll(/@JobHandler\('([^']+)'/g)].map(([, kind]) => kind),
  );
  return [...new Set(kinds.map((kind) => catalogue.kind(kind).queue))].sort();
}

test('every service has rights, and nobody else', () => {
  expect(Object.keys(brokerRights).sort()).toEqual([...apps].sort());
});

test.each(apps.filter((app) => handledQueues(app).length > 0))('%s reads the queues of its handlers alone', (app) => {
  const { read, write } = brokerRights[app];
  expect(matching(read)).toEqual([exchange.control, ...handledQueues(app).map((queue) => `jobs.q.${queue}.v1`)].sort());
  expect(matching(write)).toEqual([exchange.deadLetter, exchange.ledger].sort());
});

test('no service may declare anything that is shared, and none but the gateway may write to queues by their names', () => {
  for (const [service, { configure, write }] of Object.entries(brokerRights)) {
    expect([service, matching(configure)]).toEqual([service, []]);
    expect([service, new RegExp(write).test('amq.default')]).toEqual([service, service === 'gateway']);
    for (const name of ['amq.gen', 'xamq.gen-1', 'jobs', 'amqxgen-1'])
      expect([service, name, new RegExp(configure).test(name)]).toEqual([service, name, false]);
  }
});

test('who measures queues has a right on each of them, and no way to fill or read them with it', () => {
  const queues = topology().queues.filter(({ name }) => name.startsWith('jobs.q.'));
  for (const { name } of queues) {
    for (const service of ['gateway', 'scheduler']) {
      const { write, read } = brokerRights[service];
      expect([service, name, new RegExp(write).test(name), new RegExp(read).test(name)]).toEqual([
        service,
        name,
        true,
        false,
      ]);
    }
  }
  expect(matching(brokerRights.scheduler.read)).toEqual([]);
});

test('every queue has one service that reads it', () => {
  const readers = (name) => Object.values(brokerRights).filter(({ read }) => new RegExp(read).test(name)).length;
  const queues = topology().queues.map(({ name }) => name);
  for (const name of queues) expect([name, readers(name)]).toEqual([name, name.startsWith('jobs.wait.') ? 0 : 1]);
});

test('the page of operations says who may do what', () => {
  const page = readFileSync(join(root, 'docs/operations.md'), 'utf8');
  for (const [service, { write, read }] of Object.entries(brokerRights)) {
    // Which is there to ask for their depth: the text says so.
    const published = matching(write).filter((name) => !name.startsWith('jobs.q.'));
    const row = page.split('\n').find((line) => line.startsWith(`| \`${brokerUser(service)}\``)) ?? '';
    const named = [...row.matchAll(/`([^`]+)`/g)].map(([, name]) => name);
    expect([service, named]).toEqual([service, expect.arrayContaining([...published, ...matching(read)])]);
  }
});
