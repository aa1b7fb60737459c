import { waitFor } from '@roundhouse/testing';
import type { Client } from './platform/client.js';
import { fastest } from './platform/fastest.js';
import { startPlatform, type Platform } from './platform/platform.js';

let platform: Platform;
let acme: Client;
beforeAll(async () => {
  platform = await startPlatform({
    workers: 2,
    env: { ROUNDHOUSE_CANCEL_GRACE: '1500ms' },
    // Of the time to stop 5 s are kept for handing back: jobs may finish for five.
    envOf: { probe: { ROUNDHOUSE_SHUTDOWN_SECONDS: '10' } },
  });
  ({ acme } = platform);
});
afterAll(() => platform?.stop());

const stepsOf = async (name: string): Promise<number[]> =>
  (await platform.effects(name)).map((effect) => effect.step).sort((a, b) => a - b);
const cancel = (id: string, client = acme) => client.send(`/v1/jobs/${id}/cancel`, { method: 'POST' });

describe('cancel', () => {
  it('ends a job that has not started, at once and for good', async () => {
    const due = Date.now() + 4_000;
    const at = (time: number) => ({ body: { run_at: new Date(time).toISOString() } });
    const id = await acme.submit('platform.probe', { effect: 'never' }, at(due));
    expect(await cancel(id)).toMatchObject({ status: 202, body: { id, state: 'cancelled', stopping: false } });
    expect(await cancel(id)).toMatchObject({ status: 202, body: { state: 'cancelled' } });
    await acme.finished(await acme.submit('platform.probe', {}, at(due + 200)));
    expect(await acme.job(id)).toMatchObject({ state: 'cancelled', attempt: 0, started_at: null });
    expect(await stepsOf('never')).toEqual([]);
  });

  it('ends a job in the queue whose delivery is with the broker already', async () => {
    const blockers = await Promise.all(Array.from({ length: 3 }, () => acme.probe({ work: '1s' })));
    const id = await acme.probe({ work: '60s', effect: 'queued' });
    const answer = await cancel(id);
    expect(answer.status).toBe(202);
    expect(await acme.finished(id)).toMatchObject({ state: 'cancelled' });
    await platform.allFinished(blockers);
  });

  it('stops a running job through its signal', async () => {
    const took = await fastest(1_500, async () => {
      const id = await acme.probe({ work: '60s', steps: 60 });
      await acme.running(id);
      const askedAt = Date.now();
      expect(await cancel(id)).toMatchObject({ status: 202, body: { state: 'running', stopping: true } });
      const job = await acme.finished(id);
      expect(job).toMatchObject({ state: 'cancelled', attempt: 1, error: null });
      expect((await platform.history(id)).map((entry) => entry.type).filter((type) => type !== 'progress')).toEqual([
        'running',
        'cancel_requested',
        'cancelled',
      ]);
      return Date.parse(job.finished_at ?? '') - askedAt;
    });
    expect(took).toBeLessThan(1_500); // before the grace is over
  });

  it('fences a job off that does not listen', async () => {
    const { operator } = platform;
    const payload = { work: '4s', steps: 2, ignore_interruption: true, follow_ups: ['unwanted'] };
    const id = await operator.probe(payload);
    await operator.running(id);
    const askedAt = Date.now();
    await cancel(id, operator);
    const job = await operator.finished(id);
    expect(job.state).toBe('cancelled');
    const took = Date.parse(job.finished_at ?? '') - askedAt;
    expect(took).toBeGreaterThanOrEqual(1_400);
    expect(took).toBeLessThan(15_000);
    // What it reports afterwards changes nothing.
    await waitFor(async () => {
      const [row] = await platform.ledger.query(
        `select coalesce(sum(running), 0)::integer as running from ledger.workers where seen_at > to_timestamp($1::float8 / 1000)`,
        [askedAt + 5_000],
      );
      return row.running === 0 && Date.now() > askedAt + 5_000;
    });
    expect(await operator.job(id)).toEqual(job);
    expect(job.follow_ups).toEqual([]);
  });

  it('is refused for a job that is over', async () => {
    const id = await acme.probe({});
    await acme.finished(id);
    expect(await cancel(id)).toMatchObject({ status: 409, body: { code: 'conflict' } });
    expect((await acme.job(id)).state).toBe('succeeded');
  });
});

it('a failing job waits its time in the wait queue and is repeated', async () => {
  const id = await acme.probe({ failures: 2, failure_code: 'ERROR_CODE_UNAVAILABLE', effect: 'retried' });
  const job = await acme.finished(id);
  expect(job).toMatchObject({ state: 'succeeded', attempt: 3, failures: 2, result: { attempt: 3, steps_done: 0 } });
  const history = await platform.history(id);
  const retries = history.filter((entry) => entry.type === 'retrying');
  const runs = history.filter((entry) => entry.type === 'running');
  for (const [i, retry] of retries.entries()) {
    const waited = (runs[i + 1]?.at.getTime() ?? 0) - retry.at.getTime();
    expect(waited).toBeGreaterThanOrEqual(900); // 1 s, ± 10 %
    expect(waited).toBeLessThan(20_000); // lost by the broker, it would take 30 s
  }
  expect(await stepsOf('retried')).toEqual([0]);
  const dead = await acme.probe({ failures: 9, failure_code: 'ERROR_CODE_UNAVAILABLE' });
  expect(await acme.finished(dead)).toMatchObject({
    state: 'dead',
    attempt: 5,
    failures: 5,
    error: { code: 'UNAVAILABLE' },
  });
});

it('a worker that is told to stop finishes short jobs and hands long ones back, which costs them nothing', async () => {
  const effect = (name: string) => ({ effect: name });
  const long = await acme.probe({ work: '18s', steps: 12, ...effect('long') });
  await waitFor(async () => (await stepsOf('long')).length > 0);
  const short = await acme.probe({ work: '3s', steps: 3, ...effect('short') });
  const [shortJob, longJob] = [await acme.running(short), await acme.running(long)];
  const { name, service } = platform.workerOf(longJob);
  const together = platform.workerOf(shortJob).name === name;
  service.signal('SIGTERM');
  const exit = await service.exited;
  expect(exit).toEqual({ code: 0, signal: null });
  expect(await acme.finished(short)).toMatchObject({ state: 'succeeded', ...(together && { attempt: 1 }) });
  const finished = await acme.finished(long);
  expect(finished).toMatchObject({ state: 'succeeded', attempt: 2, failures: 0, error: null, result: { attempt: 2 } });
  expect(finished.result.steps_done).toBeLessThan(12);
  const types = (await platform.history(long)).map((entry) => entry.type).filter((type) => type !== 'progress');
  expect(types).toEqual(['running', 'queued', 'running', 'succeeded']);
  expect((await platform.ledger.query(`select crashes from ledger.jobs where id = $1`, [long]))[0]).toEqual({
    crashes: 0,
  });
  expect(await stepsOf('long')).toEqual(Array.from({ length: 12 }, (_, i) => i));
  expect(await stepsOf('short')).toEqual([0, 1, 2]);
  await platform.launch(name);
});
