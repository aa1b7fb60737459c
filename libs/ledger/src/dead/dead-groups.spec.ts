import { actor, RedriveBench } from '../../e2e/redrive-bench.js';
import { countDead, deadGroups } from './dead-groups.js';
import { discardDead } from './discards.js';

let bench: RedriveBench;
beforeAll(async () => {
  bench = await RedriveBench.open();
});
afterAll(() => bench?.close());
beforeEach(() => bench.clear());

describe('groups of deaths', () => {
  it('are one for each cause, with its size, its span of time and a sample', async () => {
    await bench.dead(2, 'account 17 is closed');
    const [, youngest] = await bench.dead(2, 'account 18 is closed');
    await bench.dead(1, 'out of paper', { queue: 'other' });
    await bench.ledger.queued();
    const groups = await deadGroups(bench.ledger.dataSource, 'acme', {}, { limit: 10, discarded: false });
    expect(groups).toMatchObject([
      {
        kind: 'platform.probe',
        version: 1,
        code: 'INVALID_INPUT',
        queues: ['other'],
        count: 1,
        sample_message: 'out of paper',
      },
      { count: 4, queues: ['probes'], sample_job_id: youngest, sample_message: 'account 18 is closed' },
    ]);
    expect(groups[1]!.first_death.getTime()).toBeLessThan(groups[1]!.last_death.getTime());
  });

  it('are bounded by every filter', async () => {
    const [id] = await bench.dead(3);
    const [{ fingerprint } = { fingerprint: '' }] = await deadGroups(
      bench.ledger.dataSource,
      'acme',
      {},
      { limit: 1, discarded: false },
    );
    const count = (filter: object, tenant = 'acme') =>
      countDead(bench.ledger.dataSource, tenant, filter).then(({ count: matched }) => matched);
    const later = new Date(Date.now() + 60_000);
    expect(
      await count({ fingerprint, kind: 'platform.probe', queue: 'probes', code: 'INVALID_INPUT', until: later }),
    ).toBe(3);
    for (const other of [{ fingerprint: 'x' }, { kind: 'x' }, { queue: 'x' }, { code: 'INTERNAL' }, { since: later }]) {
      expect(await count(other)).toBe(0);
    }
    expect(await count({}, 'other')).toBe(0);
    expect(await discardDead(bench.ledger.dataSource, 'acme', { jobId: id }, actor)).toBe(1);
    expect(await count({})).toBe(2);
    expect(await discardDead(bench.ledger.dataSource, 'acme', { queue: 'probes' }, actor)).toBe(2);
    expect(await discardDead(bench.ledger.dataSource, 'acme', {}, actor)).toBe(0);
    expect((await bench.audited()).map(({ action, subject }) => [action, subject])).toEqual([
      ['dead.discard', 'filter'],
      ['dead.discard', id],
    ]);
    const hidden = { limit: 1, discarded: true };
    expect(await deadGroups(bench.ledger.dataSource, 'acme', {}, hidden)).toMatchObject([{ count: 3 }]);
    expect(await bench.ledger.job(id as string)).toMatchObject({ state: 'dead' });
  });
});
