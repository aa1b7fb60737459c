import { createTestDatabase, type TestDatabase } from '@roundhouse/testing';
import { randomUUID } from 'node:crypto';
import { DataSource } from 'typeorm';
import { createInboxSql } from './inbox-table.js';
import { TypeOrmInbox } from './typeorm-inbox.js';

let database: TestDatabase;
let source: DataSource;
let inbox: TypeOrmInbox;

beforeAll(async () => {
  database = await createTestDatabase();
  source = await new DataSource({ type: 'postgres', url: database.url, extra: { max: 20 } }).initialize();
  await source.query('create schema shop; create table shop.orders (item text)');
  await source.query(createInboxSql('shop'));
  inbox = new TypeOrmInbox(source, 'shop');
});
afterAll(async () => {
  await source?.destroy();
  await database?.drop();
});
beforeEach(() => source.query('truncate shop.orders, shop.inbox'));

const orders = async () => (await source.query<unknown[]>('select * from shop.orders')).length;

it('does a step once and answers undefined afterwards', async () => {
  const jobId = randomUUID();
  const order = () =>
    inbox.once(jobId, 'order', (tx) => tx.query(`insert into shop.orders values ('tea') returning item`));
  expect(await order()).toEqual([{ item: 'tea' }]);
  expect(await order()).toBeUndefined();
  expect(await inbox.once(jobId, 'another step', async () => 'done')).toBe('done');
  expect(await inbox.once(randomUUID(), 'order', async () => 'done')).toBe('done');
  expect(await orders()).toBe(1);
});

it('forgets the step together with an effect that failed', async () => {
  const jobId = randomUUID();
  const failing = inbox.once(jobId, 'order', async (tx) => {
    await tx.query(`insert into shop.orders values ('tea')`);
    throw new Error('no tea left');
  });
  await expect(failing).rejects.toThrow('no tea left');
  expect(await orders()).toBe(0);
  expect(await inbox.once(jobId, 'order', async () => 'second try')).toBe('second try');
});

it('lets exactly one of many concurrent runs of a step do the work', async () => {
  const jobId = randomUUID();
  let runs = 0;
  const results = await Promise.all(
    Array.from({ length: 12 }, () =>
      inbox.once(jobId, 'order', async (tx) => {
        runs += 1;
        await tx.query(`insert into shop.orders values ('tea')`);
        return 'mine';
      }),
    ),
  );
  expect(results.filter((result) => result === 'mine')).toHaveLength(1);
  expect([runs, await orders()]).toEqual([1, 1]);
});

it('hands a step on when the run that holds it rolls back', async () => {
  const jobId = randomUUID();
  let fail: (error: Error) => void = () => undefined;
  const failure = new Promise<never>((_, reject) => (fail = reject));
  let entered: () => void = () => undefined;
  const inside = new Promise<void>((resolve) => (entered = resolve));
  const first = inbox.once(jobId, 'order', () => (entered(), failure));
  await inside;
  const second = inbox.once(jobId, 'order', async () => 'second');
  fail(new Error('crashed'));
  await expect(first).rejects.toThrow('crashed');
  expect(await second).toBe('second');
});

it('answers rows for an update, too', async () => {
  await source.query(`insert into shop.orders values ('tea')`);
  const rows = await inbox.once(randomUUID(), 'rename', (tx) =>
    tx.query(`update shop.orders set item = 'coffee' returning item`),
  );
  expect(rows).toEqual([{ item: 'coffee' }]);
});

it('forgets old steps and refuses a schema that is not a plain name', async () => {
  await inbox.once(randomUUID(), 'order', async () => 'done');
  expect(await inbox.forget(new Date(Date.now() - 60_000))).toBe(0);
  expect(await inbox.forget(new Date(Date.now() + 60_000))).toBe(1);
  expect(() => new TypeOrmInbox(source, 'shop"; drop table shop.orders; --')).toThrow('cannot be a schema');
});
