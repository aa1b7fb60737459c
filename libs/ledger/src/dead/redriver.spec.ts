import { actor, RedriveBench } from '../../e2e/redrive-bench.js';
import { nothing, rules, silent } from '../../e2e/test-ledger.js';
import { discardDead } from './discards.js';
import { IdempotencyConflict } from '../acceptance/index.js';
import { readSkippedJobs } from './redrive-reader.js';
import { Redriver } from './redriver.js';

let bench: RedriveBench;
beforeAll(async () => {
  bench = await RedriveBench.open();
});
afterAll(() => bench?.close());
beforeEach(() => bench.clear());

describe('a redrive', () => {
  it('sends the jobs that were dead when it was made, once, and ends when they have', async () => {
    const ids = await bench.dead(450);
    const { id } = await bench.create({ filter: { kind: 'platform.probe' } });
    const [late] = (await bench.dead(1)) as [string];
    await bench.steps();
    expect(await bench.queued()).toEqual(ids);
    expect(await bench.ledger.outbox()).toHaveLength(450);
    expect(await bench.state(id)).toMatchObject({ state: 'running', matched: 450, sent: 450, open: 450, pending: 0 });
    await bench.run(ids.slice(0, 400));
    await bench.run(ids.slice(400), { dies: 'no such account' });
    await bench.due();
    await bench.steps();
    expect(await bench.state(id)).toMatchObject({ state: 'finished', succeeded: 400, dead: 50, recurred: 50, open: 0 });
    expect(await bench.ledger.job(late)).toMatchObject({ state: 'dead' });
    expect(await bench.audited()).toMatchObject([{ action: 'redrive.create', subject: id, detail: { matched: 450 } }]);
  });

  it('is over at once when nothing matches', async () => {
    const { id } = await bench.create({ filter: { kind: 'nobody' } });
    expect(await bench.state(id)).toMatchObject({ state: 'finished', matched: 0 });
    expect(await bench.steps()).toBe(0);
  });

  it('is made once for one idempotency key', async () => {
    await bench.dead(3);
    const idempotency = { route: 'POST /v1/dead/redrive', key: 'k1', bodyHash: Buffer.from('a') };
    const made = await Promise.all(Array.from({ length: 5 }, () => bench.create({ idempotency })));
    expect(new Set(made.map((m) => m.id)).size).toBe(1);
    expect(made.filter((m) => !m.repeated)).toHaveLength(1);
    await expect(bench.create({ idempotency: { ...idempotency, bodyHash: Buffer.from('b') } })).rejects.toThrow(
      IdempotencyConflict,
    );
    await bench.steps();
    expect(await bench.ledger.outbox()).toHaveLength(3);
  });

  it('leaves alone what is no longer dead of that, and says why', async () => {
    const [again, once, discarded, unknown] = (await bench.dead(4)) as [string, string, string, string];
    const { id } = await bench.create();
    await bench.redrives.one('acme', once, { actor });
    await bench.redrives.one('acme', again, { actor });
    await bench.run([again], { dies: 'something else' });
    await discardDead(bench.ledger.dataSource, 'acme', { jobId: discarded }, actor);
    await bench.ledger.dataSource.query(`update ledger.jobs set kind = 'who.knows' where id = $1`, [unknown]);
    await bench.steps();
    expect(await bench.state(id)).toMatchObject({ state: 'finished', skipped: 4, sent: 0 });
    expect(await readSkippedJobs(bench.ledger.dataSource, id, 10)).toEqual([
      { job_id: again, reason: 'The job has died again since' },
      { job_id: once, reason: 'The job is queued by now' },
      { job_id: discarded, reason: 'The job was discarded' },
      { job_id: unknown, reason: 'Kind who.knows is not in the contract' },
    ]);
  });

  it('keeps its pace', async () => {
    await bench.dead(200);
    let last = performance.now();
    const { id } = await bench.create({ perSecond: 10 });
    /** How many more are sent when `seconds` have passed; and how many that may be at most, with the time the test itself takes. */
    const after = async (seconds: number, counted = seconds) => {
      const before = (await bench.queued()).length;
      await bench.ledger.dataSource.query(
        `update ledger.redrives set paced_at = paced_at - make_interval(secs => $1), look_at = look_at - make_interval(secs => $1)`,
        [seconds],
      );
      await bench.redriver.step();
      const sent = (await bench.queued()).length - before;
      const atMost = 10 * (counted + (performance.now() - last) / 1000) + 1;
      last = performance.now();
      return { sent, atMost };
    };
    const atOnce = await after(0);
    expect(atOnce.sent).toBeGreaterThanOrEqual(1);
    expect(atOnce.sent).toBeLessThanOrEqual(atOnce.atMost);
    const inHalfASecond = await after(0.5);
    expect(inHalfASecond.sent).toBeGreaterThanOrEqual(5);
    expect(inHalfASecond.sent).toBeLessThanOrEqual(inHalfASecond.atMost);
    // Held up for a minute: one second of it is made up for, no more.
    const inAMinute = await after(60, 1);
    expect(inAMinute.sent).toBeGreaterThanOrEqual(10);
    expect(inAMinute.sent).toBeLessThanOrEqual(inAMinute.atMost);
    expect(await bench.state(id)).toMatchObject({ state: 'running', per_second: 10 });
  });

  it('stops when it is told to, and what was sent goes its way', async () => {
    await bench.dead(30);
    const { id } = await bench.create({ perSecond: 0.1 });
    await bench.steps();
    expect(await bench.redrives.stop('other', id, actor)).toBe(false);
    expect(await bench.redrives.stop('acme', id, actor)).toBe(true);
    expect(await bench.redrives.stop('acme', id, actor)).toBe(false);
    await bench.due();
    await bench.steps();
    expect(await bench.state(id)).toMatchObject({
      state: 'stopped',
      sent: 1,
      pending: 29,
      stop_reason: `Stopped by ${actor}`,
    });
    await bench.run(await bench.queued());
    expect(await bench.state(id)).toMatchObject({ succeeded: 1, open: 0 });
  });
});

describe('a canary', () => {
  it('sends one, then ten, then all, each stage after the one before has ended', async () => {
    const ids = await bench.dead(40);
    const { id } = await bench.create({ canary: true });
    const sizes: number[] = [];
    for (let stage = 1; stage <= 3; stage += 1) {
      await bench.due();
      await bench.steps();
      const now = await bench.queued();
      sizes.push(now.length);
      if (now.length > 1) {
        await bench.run(now.slice(1));
        await bench.due();
        await bench.steps();
        expect(await bench.queued()).toEqual([now[0]]); // the stage is not over
      }
      await bench.run(now.slice(0, 1));
    }
    await bench.due();
    await bench.steps();
    expect(sizes).toEqual([1, 10, 29]);
    expect(await bench.state(id)).toMatchObject({ state: 'finished', stage: 3, succeeded: 40 });
    expect((await bench.ledger.jobs()).filter((job) => job.state === 'succeeded').map((job) => job.id)).toEqual(ids);
  });

  it('stops by itself when a job dies again of the same', async () => {
    const ids = await bench.dead(40);
    const { id } = await bench.create({ canary: true });
    await bench.steps();
    await bench.run(await bench.queued());
    await bench.due();
    await bench.steps();
    const second = await bench.queued();
    expect(second).toHaveLength(10);
    await bench.run(second.slice(0, 3), { dies: 'no such account' });
    await bench.due();
    await bench.steps();
    const stopped = await bench.state(id);
    expect(stopped).toMatchObject({ state: 'stopped', stage: 2, recurred: 3, sent: 11, pending: 29 });
    expect(stopped!.stop_reason).toContain(`Job ${second[0]} died again`);
    expect((await bench.ledger.jobs()).filter((job) => job.state === 'dead')).toHaveLength(ids.length - 8);
  });

  it('goes on when a job dies of something else', async () => {
    await bench.dead(12);
    const { id } = await bench.create({ canary: true });
    await bench.steps();
    await bench.run(await bench.queued(), { dies: 'the disk is full' });
    await bench.due();
    await bench.steps();
    expect(await bench.state(id)).toMatchObject({ state: 'running', stage: 2, dead: 1, recurred: 0, sent: 11 });
  });

  it('meets every fingerprint before it repeats one, and does not count skipped jobs', async () => {
    const many = await bench.dead(30, 'no such account');
    const others = [...(await bench.dead(1, 'the disk is full')), ...(await bench.dead(1, 'out of paper'))];
    const { id } = await bench.create({ canary: true });
    await discardDead(bench.ledger.dataSource, 'acme', { jobId: many[0] as string }, actor);
    await bench.steps();
    const [first] = await bench.queued();
    await bench.run([first as string]);
    await bench.due();
    await bench.steps();
    expect([first, ...(await bench.queued())]).toEqual(expect.arrayContaining(others));
    expect(await bench.state(id)).toMatchObject({ stage: 2, sent: 11, skipped: 1 });
  });

  it('hears of a death although the job is redriven by hand right after', async () => {
    await bench.dead(5);
    const { id } = await bench.create({ canary: true });
    await bench.steps();
    const [first] = (await bench.queued()) as [string];
    await bench.run([first], { dies: 'no such account' });
    await bench.redrives.one('acme', first, { actor });
    await bench.due();
    await bench.steps();
    expect(await bench.state(id)).toMatchObject({ state: 'stopped', recurred: 1, sent: 1 });
  });
});

it('is carried on by any number of redrivers that are cut off at any point, and sends nothing twice', async () => {
  await bench.dead(600);
  const { id } = await bench.create();
  const sources = await Promise.all(Array.from({ length: 3 }, () => bench.ledger.another(2)));
  const crew = sources.map((source) => new Redriver(source, rules, { ...nothing, log: silent, batchSize: 7 }));
  let over = false;
  const work = crew.map(async (one) => {
    while (!over) if (!(await one.step().catch(() => true))) await bench.due().catch(() => undefined);
  });
  let cuts = 0;
  while ((await bench.state(id))!.pending > 0) {
    await new Promise((resolve) => setTimeout(resolve, 10 + Math.random() * 60));
    if (cuts >= 20) continue;
    // A process killed with its transaction open is to the database a connection that ends.
    const rows = (await bench.ledger.dataSource.query(
      `select pg_terminate_backend(pid) from pg_stat_activity
       where datname = current_database() and pid <> pg_backend_pid() and state in ('active', 'idle in transaction')
         and xact_start is not null limit 1`,
    )) as unknown[];
    cuts += rows.length;
  }
  over = true;
  await Promise.all(work);
  const jobs = await bench.ledger.jobs();
  expect(jobs.every((job) => job.state === 'queued')).toBe(true);
  expect(await bench.ledger.outbox()).toHaveLength(600);
  const [row] = (await bench.ledger.dataSource.query(
    `select count(*)::integer as entries, count(distinct job_id)::integer as jobs from ledger.job_history where detail->>'reason' = 'redriven'`,
  )) as unknown[];
  expect(row).toEqual({ entries: 600, jobs: 600 });
  expect(await bench.state(id)).toMatchObject({ sent: 600, skipped: 0 });
  expect(cuts).toBeGreaterThan(0);
});
