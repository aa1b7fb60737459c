import { UniqueRequests } from '../../e2e/unique-requests.js';

let requests: UniqueRequests;
beforeAll(async () => {
  requests = await UniqueRequests.open();
});
afterAll(() => requests?.ledger.close());
beforeEach(() => requests.clear());

it('debounces: the first waits, and runs one period after the latest request with its payload', async () => {
  const debounce = { mode: 'debounce' as const, periodMs: 60_000, deadlineMs: 30_000 };
  const [id] = (await requests.submit({ ...debounce, note: 'first' })).jobIds as [string];
  expect((await requests.ledger.job(id)).state).toBe('scheduled');
  expect(await requests.secondsTo(id)).toBeGreaterThan(55);
  await requests.ledger.age(id, 40, 'run_at', 'due_at');
  expect(await requests.submit({ ...debounce, note: 'last' })).toMatchObject({ jobIds: [id], existing: [id] });
  expect(await requests.secondsTo(id)).toBeGreaterThan(55);
  expect(await requests.notes()).toEqual(['last']);
  // The deadline counts from the new time.
  const [row] = await requests.ledger.dataSource.query(
    `select deadline_at > run_at + interval '25 seconds' as later from ledger.jobs`,
  );
  expect(row.later).toBe(true);
  await requests.submit({ ...debounce, runAt: new Date(Date.now() + 600_000) });
  expect(await requests.secondsTo(id)).toBeGreaterThan(590);
});

it('debounces no longer than max_wait after the first request', async () => {
  const debounce = { mode: 'debounce' as const, periodMs: 60_000, maxWaitMs: 90_000 };
  const [id] = (await requests.submit(debounce)).jobIds as [string];
  await requests.ledger.dataSource.query(`update ledger.jobs set created_at = created_at - interval '70 seconds'`);
  await requests.submit(debounce);
  expect(await requests.secondsTo(id)).toBeLessThan(20.5);
  await requests.ledger.dataSource.query(`update ledger.jobs set created_at = created_at - interval '70 seconds'`);
  await requests.submit({ ...debounce, note: 'last' });
  expect(await requests.ledger.job(id)).toMatchObject({ state: 'queued' });
  expect(await requests.ledger.outbox(id)).toHaveLength(1);
  expect(await requests.notes()).toEqual(['last']);
});

it('debounces what is asked while the job runs: one follower, a period after the latest request', async () => {
  const debounce = { mode: 'debounce' as const, periodMs: 60_000 };
  const [first] = (await requests.submit(debounce)).jobIds as [string];
  await requests.ledger.dataSource.query(`update ledger.jobs set state = 'queued', run_at = now(), due_at = null`);
  await requests.start(first);
  const [next] = (await requests.submit({ ...debounce, note: 'a' })).jobIds as [string];
  await requests.ledger.age(next, 40, 'run_at');
  await requests.submit({ ...debounce, note: 'b' });
  await requests.end(first);
  expect(await requests.ledger.job(next)).toMatchObject({ state: 'scheduled' });
  expect(await requests.secondsTo(next)).toBeGreaterThan(55);
  expect(await requests.notes()).toEqual(['', 'b']);
});

it.each(['before it starts', 'while it runs', 'when it is over'])(
  'debounces with a leading job: one more at the end of the period, asked for %s',
  async (when) => {
    const debounce = { mode: 'debounce' as const, periodMs: 60_000, leading: true };
    const [first] = (await requests.submit(debounce)).jobIds as [string];
    expect(await requests.ledger.job(first)).toMatchObject({ state: 'queued' });
    if (when !== 'before it starts') await requests.start(first);
    if (when === 'when it is over') await requests.end(first);
    const [next] = (await requests.submit({ ...debounce, note: 'a' })).jobIds as [string];
    expect(next).not.toBe(first);
    expect(await requests.submit({ ...debounce, note: 'b' })).toMatchObject({ jobIds: [next] });
    if (when === 'before it starts') await requests.start(first);
    if (when !== 'when it is over') await requests.end(first);
    expect(await requests.ledger.job(next)).toMatchObject({ state: 'scheduled' });
    expect(await requests.secondsTo(next)).toBeGreaterThan(50);
    expect(await requests.secondsTo(next)).toBeLessThan(60.5);
    await requests.submit({ ...debounce, note: 'c' });
    expect(await requests.secondsTo(next)).toBeLessThan(60.5);
    expect(await requests.notes()).toEqual(['', 'c']);
    await requests.ledger.dataSource.query(
      `update ledger.jobs set state = 'queued', due_at = null, run_at = now() where id = $1`,
      [next],
    );
    await requests.ledger.dataSource.query(`update ledger.unique_keys set expires_at = now() - interval '1 second'`);
    await requests.finish(next);
    const again = await requests.submit(debounce);
    expect(again.standIns).toBeUndefined();
    expect(await requests.ledger.job(again.jobIds[0] as string)).toMatchObject({ state: 'queued' });
  },
);
