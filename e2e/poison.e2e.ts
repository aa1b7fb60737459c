import { JobDelivery, ProbeRequest } from '@roundhouse/contracts';
import { exchange, jobQueue, quarantineQueue } from '@roundhouse/rabbitmq';
import { waitFor } from '@roundhouse/testing';
import { connect, type ChannelModel, type ConfirmChannel, type Options } from 'amqplib';
import { randomUUID } from 'node:crypto';
import { readdir, readFile } from 'node:fs/promises';
import pg from 'pg';
import type { Client } from './platform/client.js';
import { startPlatform, type Platform } from './platform/platform.js';

let platform: Platform;
let acme: Client;
let connection: ChannelModel;
let channel: ConfirmChannel;
beforeAll(async () => {
  platform = await startPlatform();
  ({ acme } = platform);
  connection = await connect(platform.amqpUrl);
  channel = await connection.createConfirmChannel();
});
afterAll(async () => {
  await connection?.close();
  await platform?.stop();
});

const contentType = 'application/x-protobuf';
const payload = Buffer.from(ProbeRequest.encode(ProbeRequest.fromPartial({ text: 'x' })).finish());

function delivery(overrides: Partial<JobDelivery> = {}): Buffer {
  const full = {
    jobId: randomUUID(),
    tenantId: 'acme',
    kind: 'platform.probe',
    contractVersion: 1,
    payload,
    ...overrides,
  };
  return Buffer.from(JobDelivery.encode(JobDelivery.fromPartial(full)).finish());
}

async function publish(body: Buffer, properties: Options.Publish = {}): Promise<void> {
  channel.publish('', jobQueue('probes'), body, { persistent: true, ...properties });
  await channel.waitForConfirms();
}

const wellFormed = (body: Buffer, kind = 'platform.probe'): Options.Publish => ({
  contentType,
  type: kind,
  messageId: randomUUID(),
  headers: { 'rh-tenant': 'acme', 'rh-version': 1, 'rh-length': body.length },
});

interface DeadRow {
  tenant_id: string;
  kind: string;
  queue: string;
  payload: Buffer;
  error: { code: string; message: string };
}

async function deadWith(body: Buffer): Promise<DeadRow> {
  return waitFor(
    async () => {
      const rows = await platform.ledger.query<DeadRow[]>(
        `select * from ledger.jobs where state = 'dead' and payload = $1`,
        [body],
      );
      expect(rows.length).toBeLessThanOrEqual(1);
      return rows[0] as DeadRow;
    },
    { describe: 'the poison to be dead in the ledger' },
  );
}

describe('what nobody can run ends as dead, with the reason and the original bytes', () => {
  const garbage = Buffer.from([0xff, 0x00, 0x13, 0x37, 0xff, 0xff, 0xff, 0xff]);
  const unknownKind = delivery({ kind: 'no.such_kind' });
  const badPayload = delivery({ payload: Buffer.from([0xff, 0xff, 0xff]) });
  const badId = delivery({ jobId: 'not-an-id' });
  const short = delivery();
  const mislabelled = delivery({ kind: 'platform.noop' });

  it.each<[string, Buffer, () => Options.Publish, RegExp]>([
    ['garbage without properties', garbage, () => ({}), /content type/],
    [
      'garbage that claims to be a delivery',
      Buffer.concat([garbage, garbage]),
      () => wellFormed(Buffer.concat([garbage, garbage])),
      /not a JobDelivery|kind/,
    ],
    ['an empty body', Buffer.alloc(0), () => wellFormed(Buffer.alloc(0)), /kind/],
    ['an unknown kind', unknownKind, () => wellFormed(unknownKind, 'no.such_kind'), /no\.such_kind/],
    ['a payload that cannot be decoded', badPayload, () => wellFormed(badPayload), /payload/],
    ['an id that is none', badId, () => wellFormed(badId), /not-an-id/],
    [
      'a length that is wrong',
      short,
      () => ({ ...wellFormed(short), headers: { 'rh-length': short.length + 1 } }),
      /bytes/,
    ],
    ['a kind that is not the one in the body', mislabelled, () => wellFormed(mislabelled), /kind/],
    [
      'properties that no database stores',
      Buffer.from('nul'),
      () => ({ ...wellFormed(Buffer.from('nul')), type: 'a\u0000b', contentType: 'x\u0000y' }),
      /content type/,
    ],
  ])('%s', async (_, body, properties, reason) => {
    const neighbour = await acme.probe({ work: '0.5s', text: 'neighbour' });
    await publish(body, properties());
    const row = await deadWith(body);
    expect(row.error).toMatchObject({ code: 'POISON', message: expect.stringMatching(reason) });
    expect(row.queue).toBe('probes');
    expect(row.payload).toEqual(body);
    expect(await acme.finished(neighbour)).toMatchObject({ state: 'succeeded', attempt: 1 });
  });

  it('makes the job itself dead when a known one is poisoned, and leaves no message behind', async () => {
    // Nobody claims it meanwhile.
    await platform.service('probe').stop();
    const id = await acme.probe({ text: 'x' });
    const atBroker = async () => (await channel.checkQueue(jobQueue('probes'))).messageCount > 0;
    await waitFor(atBroker, { describe: 'the delivery to be at the broker' });
    const properties = { ...wellFormed(garbage), messageId: id, persistent: true };
    channel.publish(exchange.deadLetter, 'probes', garbage, properties);
    expect(await acme.finished(id)).toMatchObject({ state: 'dead', error: { code: 'POISON' } });
    await platform.launch('probe');
    for (const queue of [jobQueue('probes'), quarantineQueue]) {
      await waitFor(async () => (await channel.checkQueue(queue)).messageCount === 0, {
        describe: `${queue} to be empty`,
      });
    }
    expect(exchange.deadLetter).toBe('jobs.dlx');
  });

  it('leaves a job alone that has no such delivery under way, and keeps the bytes for operators', async () => {
    const id = await acme.submit(
      'platform.probe',
      {},
      { body: { run_at: new Date(Date.now() + 3_600_000).toISOString() } },
    );
    const body = Buffer.from(`not a delivery of ${id}`);
    channel.publish(exchange.deadLetter, 'probes', body, { ...wellFormed(body), messageId: id });
    expect(await deadWith(body)).toMatchObject({ tenant_id: 'unknown', error: { code: 'POISON' } });
    expect(await acme.job(id)).toMatchObject({ state: 'scheduled' });
  });

  it('drops a well-formed delivery of a job that does not exist', async () => {
    const body = delivery();
    await publish(body, wellFormed(body));
    await waitFor(async () => (await channel.checkQueue(jobQueue('probes'))).messageCount === 0);
    expect(await acme.finished(await acme.probe({ text: 'still works' }))).toMatchObject({ state: 'succeeded' });
  });
});

describe('workers have no way to the ledger', () => {
  it('their database role may neither read nor write it', async () => {
    const worker = new pg.Client({ connectionString: platform.urls.worker });
    await worker.connect();
    try {
      const { rows } = await worker.query<{ name: string }>(
        `select 'ledger.' || tablename as name from pg_catalog.pg_tables where schemaname = 'ledger'`,
      );
      expect(rows.length).toBeGreaterThan(5);
      for (const { name } of rows) {
        for (const sql of [
          `select from ${name}`,
          `delete from ${name}`,
          `insert into ${name} default values`,
          `truncate ${name}`,
        ]) {
          await expect(worker.query(sql)).rejects.toMatchObject({
            code: '42501',
            message: expect.stringContaining('permission denied'),
          });
        }
      }
      await expect(worker.query('create table ledger.mine (a int)')).rejects.toMatchObject({ code: '42501' });
      await expect(worker.query('drop schema ledger cascade')).rejects.toMatchObject({ code: '42501' });
      expect((await worker.query('select count(*) from probe.effects')).rowCount).toBe(1);
    } finally {
      await worker.end();
    }
  });

  it('the gateway may use its tables and change nothing about them', async () => {
    const gateway = new pg.Client({ connectionString: platform.urls.gateway });
    await gateway.connect();
    try {
      await expect(gateway.query('drop table ledger.jobs')).rejects.toMatchObject({ code: '42501' });
      await expect(gateway.query('alter table ledger.jobs add column x int')).rejects.toMatchObject({ code: '42501' });
      await expect(gateway.query('truncate ledger.jobs')).rejects.toMatchObject({ code: '42501' });
    } finally {
      await gateway.end();
    }
  });

  it('no worker depends on the library', async () => {
    const root = new URL('../', import.meta.url);
    const allowed = ['gateway', 'scheduler'];
    for (const app of (await readdir(new URL('apps/', root))).filter((name) => !allowed.includes(name))) {
      const file = await readFile(new URL(`apps/${app}/package.json`, root), 'utf8').catch(() => '{}');
      const { dependencies = {} } = JSON.parse(file) as { dependencies?: Record<string, string> };
      expect([app, Object.keys(dependencies).filter((name) => name === '@roundhouse/ledger')]).toEqual([app, []]);
    }
  });
});
