import { ProbeRequest } from '@roundhouse/contracts';
import type { DataSource } from 'typeorm';
import { TestLedger, traceparent } from '../../e2e/test-ledger.js';
import { InvalidCron } from './cron.js';
import { Schedules, type NewSchedule } from './schedules.js';

let ledger: TestLedger;
let schedules: Schedules;
const schedulers: { source: DataSource; schedules: Schedules }[] = [];
beforeAll(async () => {
  ledger = await TestLedger.open();
  schedules = new Schedules(ledger.dataSource, () => traceparent);
  for (let i = 0; i < 3; i += 1) {
    const source = await ledger.another(2);
    schedulers.push({ source, schedules: new Schedules(source, () => traceparent) });
  }
});
afterAll(() => ledger?.close());
beforeEach(() => ledger.clear());

function schedule(overrides: Partial<NewSchedule> = {}): NewSchedule {
  const payload = ProbeRequest.encode(ProbeRequest.fromPartial({ text: 'tick' })).finish();
  return {
    tenantId: 'acme',
    name: 'weekly',
    cron: '0 8 * * MON',
    timeZone: 'Europe/Berlin',
    kind: 'platform.probe',
    payload,
    ...overrides,
  };
}

async function makeDue(ago = '1 second', name = '%'): Promise<void> {
  await ledger.dataSource.query(
    `update ledger.schedules set next_fire_at = date_trunc('second', now()) - $1::interval where name like $2`,
    [ago, name],
  );
}

const firings = () =>
  ledger.dataSource.query<{ job_id: string; fire_time: Date }[]>(
    `select job_id, fire_time from ledger.schedule_firings`,
  );
const stored = async (name: string) =>
  (
    await ledger.dataSource.query<{ next_fire_at: Date; enabled: boolean; cron: string }[]>(
      `select * from ledger.schedules where name = $1`,
      [name],
    )
  )[0];

it('keeps the next time; nothing is fired before it', async () => {
  const { nextFireAt } = await schedules.put(schedule());
  expect(nextFireAt.getTime()).toBeGreaterThan(Date.now());
  expect(await schedules.fireDue()).toEqual([]);
  expect(await ledger.jobs()).toEqual([]);
});

it('makes a job of the kind when it is due, and moves on', async () => {
  await schedules.put(schedule());
  await makeDue();
  const [fired] = await schedules.fireDue();
  expect(fired).toMatchObject({ tenantId: 'acme', name: 'weekly' });
  const job = await ledger.job(fired?.jobId as string);
  expect(job).toMatchObject({
    state: 'queued',
    kind: 'platform.probe',
    queue: 'probes',
    tenant_id: 'acme',
    traceparent,
  });
  expect(ProbeRequest.decode(job.payload).text).toBe('tick');
  expect(await ledger.outbox(job.id)).toHaveLength(1);
  expect((await stored('weekly'))?.next_fire_at.getTime()).toBeGreaterThan(Date.now());
  expect(await schedules.fireDue()).toEqual([]);
});

it('is replaced under the same name, and removed with its firings', async () => {
  const first = await schedules.put(schedule());
  const second = await schedules.put(schedule({ cron: '0 9 * * *' }));
  expect(second.id).toBe(first.id);
  expect(await stored('weekly')).toMatchObject({ cron: '0 9 * * *', enabled: true });
  await schedules.put(schedule({ tenantId: 'globex' }));
  await makeDue();
  await schedules.fireDue();
  await schedules.remove('acme', 'weekly');
  expect(await firings()).toHaveLength(1);
  await expect(schedules.put(schedule({ cron: 'sometimes' }))).rejects.toThrow(InvalidCron);
});

it('fires a time once, however many schedulers see it at the same moment', async () => {
  const names = Array.from({ length: 30 }, (_, i) => `s${i}`);
  for (const name of names) await schedules.put(schedule({ name }));
  await makeDue();
  const fired = (await Promise.all(schedulers.flatMap((s) => [s.schedules.fireDue(), s.schedules.fireDue()]))).flat();
  expect(fired.map((f) => f.name).sort()).toEqual([...names].sort());
  expect(await ledger.jobs()).toHaveLength(30);
  expect(await firings()).toHaveLength(30);
});

it('fires a time once even when the next time is set back to it', async () => {
  await schedules.put(schedule());
  await makeDue('1 second');
  const due = (await stored('weekly'))?.next_fire_at;
  await schedules.fireDue();
  await ledger.dataSource.query(`update ledger.schedules set next_fire_at = $1`, [due]);
  expect(await schedules.fireDue()).toEqual([]);
  expect(await ledger.jobs()).toHaveLength(1);
  expect((await stored('weekly'))?.next_fire_at.getTime()).toBeGreaterThan(Date.now());
});

it('loses and doubles nothing when one of three schedulers is killed while it fires', async () => {
  const names = Array.from({ length: 20 }, (_, i) => `s${i}`);
  for (const name of names) await schedules.put(schedule({ name }));
  await makeDue();
  const [victim, ...others] = schedulers as [(typeof schedulers)[0], ...typeof schedulers];
  // The server ends the victim's session in the middle of its transaction, as it does when the process is gone.
  const transaction = victim.source.transaction as (work: (tx: unknown) => Promise<unknown>) => Promise<unknown>;
  victim.source.transaction = (async (work: (tx: unknown) => Promise<unknown>) =>
    transaction.call(victim.source, async (tx) => {
      const result = await work(tx);
      const [{ pid } = { pid: 0 }] = await (tx as DataSource).query<{ pid: number }[]>(
        'select pg_backend_pid() as pid',
      );
      await ledger.dataSource.query('select pg_terminate_backend($1)', [pid]);
      return result;
    })) as never;
  await expect(victim.schedules.fireDue()).rejects.toThrow();
  victim.source.transaction = transaction as never;
  expect(await ledger.jobs()).toEqual([]);
  const fired = (await Promise.all(others.map((s) => s.schedules.fireDue()))).flat();
  expect(fired.map((f) => f.name).sort()).toEqual([...names].sort());
  expect(await ledger.jobs()).toHaveLength(20);
});

it('lets missed times collapse into one', async () => {
  await schedules.put(schedule({ cron: '*/5 * * * *' }));
  await makeDue('3 hours');
  expect(await schedules.fireDue()).toHaveLength(1);
  expect(await schedules.fireDue()).toEqual([]);
  expect(await ledger.jobs()).toHaveLength(1);
});

it('switches off what was due for the last time and what is in no known zone, leaves kinds of newer versions alone; the others fire', async () => {
  const year = new Date().getUTCFullYear() + 1;
  await schedules.put(schedule({ name: 'last', cron: `0 0 0 1 1 * ${year}` }));
  await schedules.put(schedule({ name: 'zone' }));
  await schedules.put(schedule({ name: 'kind' }));
  await schedules.put(schedule({ name: 'good' }));
  await ledger.dataSource.query(`update ledger.schedules set cron = '0 0 0 1 1 * 2020' where name = 'last'`);
  await ledger.dataSource.query(`update ledger.schedules set time_zone = 'Mars/Phobos' where name = 'zone'`);
  await ledger.dataSource.query(`update ledger.schedules set kind = 'no.such_kind' where name = 'kind'`);
  await makeDue();
  expect((await schedules.fireDue()).map((f) => f.name).sort()).toEqual(['good', 'last', 'zone']);
  for (const name of ['last', 'zone']) expect(await stored(name)).toMatchObject({ enabled: false });
  expect(await stored('kind')).toMatchObject({ enabled: true });
  expect(await stored('good')).toMatchObject({ enabled: true });
  expect(await schedules.fireDue()).toEqual([]);
});
