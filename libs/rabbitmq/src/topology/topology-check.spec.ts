import { TestRabbit } from '../../e2e/test-rabbit.js';
import type { BrokerConnection } from '../connection/index.js';
import { applyTopology, planTopology, TopologyMismatch, verifyPresence } from './topology-check.js';
import { jobQueue, topology } from './topology.js';

const wanted = topology(['default', 'imports']);

describe('the topology at a broker', () => {
  let rabbit: TestRabbit;

  beforeAll(async () => {
    rabbit = await TestRabbit.start({ exchanges: [], queues: [], bindings: [] });
  });
  afterAll(() => rabbit.stop());

  const names = async (what: 'queues' | 'exchanges') =>
    (await rabbit.broker.manage<{ name: string }[]>('GET', `/${what}/{vhost}`))
      .map((item) => item.name)
      .filter((name) => name !== '' && !name.startsWith('amq.'))
      .sort();
  const states = async () => [...new Set((await planTopology(rabbit.url, wanted)).map((item) => item.state))];

  it('is planned without a change, applied, and then present', async () => {
    expect(await states()).toEqual(['missing']);
    expect([await names('queues'), await names('exchanges')]).toEqual([[], []]);
    expect(new Set((await applyTopology(rabbit.url, wanted)).map((item) => item.state))).toEqual(new Set(['declared']));
    expect(await names('queues')).toEqual(wanted.queues.map((q) => q.name).sort());
    expect(await names('exchanges')).toEqual(wanted.exchanges.map((e) => e.name).sort());
    expect(await states()).toEqual(['present']);
    expect((await applyTopology(rabbit.url, wanted)).every((item) => item.state === 'present')).toBe(true);
  });

  it('declares what is missing beside what is there', async () => {
    await rabbit.channel.deleteQueue(jobQueue('imports'));
    const missing = (await planTopology(rabbit.url, wanted)).filter((item) => item.state === 'missing');
    expect(missing.map((item) => item.name)).toEqual([jobQueue('imports')]);
    const declared = (await applyTopology(rabbit.url, wanted)).filter((item) => item.state === 'declared');
    expect(declared.map((item) => item.name)).toEqual([jobQueue('imports')]);
    expect(await states()).toEqual(['present']);
  });

  it('makes bindings again that somebody removed', async () => {
    await rabbit.channel.unbindQueue(jobQueue('default'), 'jobs', 'default');
    await applyTopology(rabbit.url, wanted);
    rabbit.channel.publish('jobs', 'default', Buffer.from('x'));
    expect((await rabbit.take(jobQueue('default'))).content.toString()).toBe('x');
  });

  it('names what has other arguments and changes nothing', async () => {
    const other = topology(['default', 'imports', 'brand_new']);
    const changed = {
      ...other,
      exchanges: other.exchanges.map((e) => (e.name === 'live' ? { ...e, type: 'fanout' as const } : e)),
      queues: other.queues.map((q) =>
        q.name === jobQueue('imports') ? { ...q, arguments: { ...q.arguments, 'x-delivery-limit': 7 } } : q,
      ),
    };
    const failed = applyTopology(rabbit.url, changed);
    await expect(failed).rejects.toThrow(TopologyMismatch);
    await expect(failed).rejects.toThrow(
      /other arguments .*: exchange live, queue jobs\.q\.imports\.v1\. Arguments cannot/,
    );
    expect(await names('queues')).not.toContain(jobQueue('brand_new'));
    expect(await states()).toEqual(['present']);
  });

  it('is verified by services queue by queue', async () => {
    const connection = await rabbit.connect();
    await verifyPresence(connection, [jobQueue('default'), jobQueue('imports')]);
    await expect(verifyPresence(connection, [jobQueue('default'), jobQueue('nope')])).rejects.toThrow(
      'Queue jobs.q.nope.v1 does not exist; run "./roundhouse topology apply"',
    );
    expect(connection.connected).toBe(true);
  });

  it('is left to consuming where the broker does not tell who may not declare', async () => {
    // As 4.2.6 and 4.3.0 answer; every other version tells.
    const refusal = Object.assign(new Error('ACCESS_REFUSED'), { code: 403 });
    const probe = { ready: async () => ({ checkQueue: () => Promise.reject(refusal) }), close: async () => undefined };
    const connection = { openChannel: async () => probe } as unknown as BrokerConnection;
    await expect(verifyPresence(connection, [jobQueue('default')])).resolves.toBeUndefined();
  });
});
