import { nothing, probeJob, rules, TestLedger } from '../../e2e/test-ledger.js';
import { Cancellation } from '../commands/index.js';
import { JobReader, type JobFilter } from './job-reader.js';

let ledger: TestLedger;
let reader: JobReader;
beforeAll(async () => {
  ledger = await TestLedger.open();
  reader = new JobReader(ledger.dataSource);
});
afterAll(() => ledger?.close());
beforeEach(() => ledger.clear());

async function pages(
  filter: JobFilter = {},
  limit = 7,
  between: () => Promise<unknown> = async () => undefined,
): Promise<string[][]> {
  const all: string[][] = [];
  let before: string | undefined;
  do {
    const { jobs, next } = await reader.list('acme', filter, before, limit);
    all.push(jobs.map((job) => job.id));
    before = next;
    await between();
  } while (before);
  return all;
}

it('shows a job to its tenant only', async () => {
  const parent = probeJob();
  await ledger.accept(parent);
  const child = probeJob({ parentId: parent.id });
  const foreign = probeJob({ parentId: parent.id, tenantId: 'globex' });
  await ledger.accept(child, foreign);
  const job = await reader.get('acme', parent.id);
  expect(job).toMatchObject({
    id: parent.id,
    tenantId: 'acme',
    state: 'queued',
    kind: 'platform.probe',
    followUpIds: [child.id],
  });
  expect(job?.payload).toEqual(Buffer.from(parent.payload));
  expect(await reader.get('globex', parent.id)).toBeUndefined();
  expect([await reader.stateOf('acme', parent.id), await reader.stateOf('globex', parent.id)]).toEqual([
    'queued',
    undefined,
  ]);
  expect((await reader.list('globex', {}, undefined, 10)).jobs.map((j) => j.id)).toEqual([foreign.id]);
  expect(await reader.countByState('acme')).toEqual({ queued: 2 });
});

it('lists newest first, complete and without repetition, in pages of any size', async () => {
  const ids = await ledger.accept(...Array.from({ length: 21 }, () => probeJob()));
  const newestFirst = ids.toSorted().reverse();
  for (const limit of [1, 7, 20, 21, 22]) {
    const found = await pages({}, limit);
    expect(found.flat()).toEqual(newestFirst);
    expect(found).toHaveLength(Math.ceil(21 / limit));
  }
  expect(await reader.list('nobody', {}, undefined, 5)).toEqual({ jobs: [], next: undefined });
});

it('neither misses nor repeats a job while others are added', async () => {
  const ids = await ledger.accept(...Array.from({ length: 30 }, () => probeJob()));
  const found = await pages({}, 4, () => ledger.accept(probeJob(), probeJob({ tenantId: 'globex' })));
  expect(found.flat()).toEqual(ids.toSorted().reverse());
});

it('filters by state, kind, queue, parent and time', async () => {
  const parent = probeJob();
  const noop = probeJob({ kind: 'platform.noop', queue: 'default' });
  const child = probeJob({ parentId: parent.id });
  const later = probeJob({ runAt: new Date(Date.now() + 60_000) });
  await ledger.accept(parent, noop, child, later);
  await ledger.dataSource.query(`update ledger.jobs set created_at = now() - interval '1 day' where id = $1`, [
    noop.id,
  ]);
  await new Cancellation(ledger.dataSource, rules, nothing).cancel('acme', child.id);
  const found = async (filter: JobFilter) => (await pages(filter)).flat().sort();
  const sorted = (...jobs: { id: string }[]) => jobs.map((job) => job.id).sort();
  const hourAgo = new Date(Date.now() - 3_600_000);
  expect(await found({ states: ['cancelled', 'scheduled'] })).toEqual(sorted(child, later));
  expect(await found({ kind: 'platform.noop' })).toEqual(sorted(noop));
  expect(await found({ queue: 'probes' })).toEqual(sorted(parent, child, later));
  expect(await found({ parentId: parent.id })).toEqual(sorted(child));
  expect(await found({ createdAfter: hourAgo })).toEqual(sorted(parent, child, later));
  expect(await found({ createdBefore: hourAgo })).toEqual(sorted(noop));
  expect(await found({ states: ['dead'] })).toEqual([]);
});
