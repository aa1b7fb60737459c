import { death } from '../../e2e/outcome-events.js';
import { nothing, rules, traceparent } from '../../e2e/test-ledger.js';
import { UniqueRequests } from '../../e2e/unique-requests.js';
import { Cancellation, Reruns } from '../commands/index.js';
import { Redrives } from '../dead/index.js';
import { UniqueConflict } from './uniqueness.js';

let requests: UniqueRequests;
beforeAll(async () => {
  requests = await UniqueRequests.open();
});
afterAll(() => requests?.ledger.close());
beforeEach(() => requests.clear());

it('lets one job follow a running one, with the newest payload, and starts it at the end', async () => {
  const { jobIds } = await requests.submit({ mode: 'replace', note: 'old' });
  const [first] = jobIds as [string];
  await requests.start(first);
  const next = await requests.submit({ mode: 'replace', note: 'next' });
  const [follower] = next.jobIds as [string];
  expect(next).toMatchObject({ existing: [], standIns: { 0: { existing: first, follower } } });
  expect(await requests.submit({ mode: 'replace', note: 'newest' })).toMatchObject({
    jobIds: [follower],
    existing: [follower],
    standIns: { 0: { existing: first, follower } },
  });
  expect(await requests.notes()).toEqual(['old', 'newest']);
  expect(await requests.ledger.job(follower)).toMatchObject({ state: 'blocked', blocked_on: 'dependency' });
  await requests.end(first);
  expect(await requests.ledger.job(follower)).toMatchObject({ state: 'queued' });
  expect(await requests.ledger.outbox(follower)).toHaveLength(1);
  // The key is the follower's from now on.
  expect(await requests.submit({ mode: 'replace', note: 'last' })).toMatchObject({
    jobIds: [follower],
    existing: [follower],
  });
  expect(await requests.notes()).toEqual(['old', 'last']);
  await requests.finish(follower);
  expect((await requests.submit({ mode: 'replace' })).standIns).toBeUndefined();
});

it('refuses a second follower where the first one keeps its payload', async () => {
  const [first] = (await requests.submit({ whileRunning: 'queue_next' })).jobIds as [string];
  await requests.start(first);
  const { standIns } = await requests.submit({ whileRunning: 'queue_next', note: 'second' });
  const follower = standIns?.[0]?.follower as string;
  const third = requests.submit({ whileRunning: 'queue_next', note: 'third' });
  await expect(third).rejects.toThrow(`job ${follower} waits to follow it`);
  expect(await requests.notes()).toEqual(['', 'second']);
});

it('drops, and says so, what is asked while the job runs', async () => {
  const dropping = { mode: 'replace', whileRunning: 'drop' } as const;
  const [first] = (await requests.submit(dropping)).jobIds as [string];
  await requests.start(first);
  expect((await requests.submit({ ...dropping, note: 'late' })).standIns).toEqual({
    0: { existing: first, dropped: true },
  });
  expect(await requests.ledger.jobs()).toHaveLength(1);
});

it('follows a job that waits for a retry, and holds its key however short the period', async () => {
  const replacing = { mode: 'replace', periodMs: 1 } as const;
  const [first] = (await requests.submit(replacing)).jobIds as [string];
  await requests.start(first);
  await requests.ledger.dataSource.query(
    `update ledger.jobs set state = 'retrying', run_at = now() + interval '1 hour' where id = $1`,
    [first],
  );
  const { standIns } = await requests.submit({ ...replacing, note: 'new' });
  expect(standIns?.[0]).toMatchObject({ existing: first });
  expect(await requests.ledger.job(standIns?.[0]?.follower as string)).toMatchObject({ state: 'blocked' });
});

it('lets the follower go when the first is cancelled, and the first alone when the follower is', async () => {
  const cancellation = new Cancellation(requests.ledger.dataSource, rules, nothing);
  const [first] = (await requests.submit({ mode: 'replace' })).jobIds as [string];
  await requests.start(first);
  const one = (await requests.submit({ mode: 'replace', note: 'one' })).jobIds[0] as string;
  await cancellation.cancel('acme', one);
  expect(await requests.ledger.job(first)).toMatchObject({ state: 'running' });
  const two = (await requests.submit({ mode: 'replace', note: 'two' })).jobIds[0] as string;
  expect(two).not.toBe(one);
  await cancellation.cancel('acme', first);
  await requests.end(first, { $case: 'cancelled', value: {} });
  expect(await requests.ledger.job(first)).toMatchObject({ state: 'cancelled' });
  expect(await requests.ledger.job(two)).toMatchObject({ state: 'queued' });
});

it('redrives a dead job only when the one that followed it is over, and gives it the key again', async () => {
  const redrives = new Redrives(requests.ledger.dataSource, rules, nothing);
  const unique = { key: 'mine', mode: 'replace' } as const;
  const [first] = (await requests.submit(unique)).jobIds as [string];
  await requests.start(first);
  const [follower] = (await requests.submit({ ...unique, note: 'next' })).jobIds as [string];
  await requests.end(first, death);
  expect(await requests.ledger.job(follower)).toMatchObject({ state: 'queued' });
  const reason = `Job ${follower} has the same unique values and is not over`;
  expect(await redrives.one('acme', first, { actor: 'me' })).toEqual({ done: false, reason });
  await requests.finish(follower);
  expect(await redrives.one('acme', first, { actor: 'me' })).toMatchObject({ done: true });
  // It has started before: what is asked for now follows it.
  const { standIns } = await requests.submit({ ...unique, note: 'last' });
  expect(standIns?.[0]).toMatchObject({ existing: first, follower: expect.any(String) });
});

it('runs a job again under the key that it had: as a follower, or not at all', async () => {
  const reruns = new Reruns(requests.ledger.dataSource, rules, () => undefined);
  const rerun = (jobId: string) => reruns.run({ tenantId: 'acme', jobId, traceparent, actor: 'me' });
  for (const [mode, key] of [
    ['replace', 'a'],
    ['reject', 'b'],
    ['return_existing', 'c'],
  ] as const) {
    const [over] = (await requests.submit({ key, mode })).jobIds as [string];
    await requests.finish(over);
    const [running] = (await requests.submit({ key, mode })).jobIds as [string];
    await requests.start(running);
    if (mode === 'replace') {
      const answer = (await rerun(over)) as { id: string };
      expect(answer).toMatchObject({ done: true, existing: false });
      expect(await requests.ledger.job(answer.id)).toMatchObject({ state: 'blocked' });
    } else await expect(rerun(over)).rejects.toThrow(UniqueConflict);
  }
});
