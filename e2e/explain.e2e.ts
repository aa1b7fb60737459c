import { waitFor } from '@roundhouse/testing';
import { randomInt } from 'node:crypto';
import { Client, type ProbePayload } from './platform/client.js';
import { startPlatform, type Platform } from './platform/platform.js';

let platform: Platform;
let acme: Client;
beforeAll(async () => {
  platform = await startPlatform({ workers: 2 });
  ({ acme } = platform);
});
afterAll(() => platform?.stop());

interface Explanation {
  state: string;
  why: string;
  waiting_for: string | null;
  stuck: object | null;
  eta: { earliest: string; latest: string; by: string } | null;
  related: { rel: string; job_id: string; href: string }[];
  from: string;
  to: string;
  wall_ms: number;
  totals: Record<string, number>;
  segments: { cause: string; from: string; to: string; ms: number; attempt?: number }[];
  attempts: { attempt: number; worker_id: string; ms: number; ended: string; error: { code: string } | null }[];
}

async function explain(id: string, client = acme): Promise<Explanation> {
  const { status, body, text } = await client.send(`/v1/jobs/${id}/explain`);
  if (status !== 200) throw new Error(text);
  return body;
}

async function cancel(id: string): Promise<void> {
  await acme.send(`/v1/jobs/${id}/cancel`, { method: 'POST' });
  await acme.finished(id);
}

interface Run {
  payload: ProbePayload;
  delayMs: number;
  workMs: number;
}

function randomRun(): Run {
  const workMs = randomInt(0, 300);
  const payload = { work: `${workMs / 1000}s`, steps: randomInt(1, 4), failures: randomInt(5) === 0 ? 1 : 0 };
  return { payload, workMs, delayMs: randomInt(4) === 0 ? randomInt(200, 1_500) : 0 };
}

it('attributes every millisecond of 220 random runs: no gap, nothing unknown, and what is known to have happened', async () => {
  const runs = Array.from({ length: 220 }, randomRun);
  const started = await Promise.all(
    runs.map(async ({ payload, delayMs }) => {
      const askedAt = Date.now();
      const run_at = delayMs > 0 ? { run_at: new Date(askedAt + delayMs).toISOString() } : {};
      return { askedAt, id: await acme.submit('platform.probe', payload, { body: run_at }) };
    }),
  );
  await platform.allFinished(
    started.map(({ id }) => id),
    120_000,
  );
  const rows = await platform.ledger.query<{ id: string; ms: number }[]>(
    `select id, extract(epoch from finished_at - received_at)::float8 * 1000 as ms from ledger.jobs where received_at is not null`,
  );
  const walls = new Map(rows.map(({ id, ms }) => [id, ms]));
  let farthest = 0;
  for (const [i, { id, askedAt }] of started.entries()) {
    const { payload, workMs, delayMs } = runs[i]!;
    const explained = await explain(id);
    const { segments, totals, wall_ms: wallMs } = explained;
    segments.forEach((segment, n) => expect(segment.from).toBe(n === 0 ? explained.from : segments[n - 1]!.to));
    expect(segments.at(-1)!.to).toBe(explained.to);
    expect(Object.values(totals).reduce((sum, ms) => sum + ms, 0)).toBe(wallMs);
    expect(totals).not.toHaveProperty('unknown');
    farthest = Math.max(farthest, Math.abs(wallMs - walls.get(id)!) / walls.get(id)!);
    expect(explained.attempts).toHaveLength(1 + payload.failures!);
    // Steps that are done are not repeated: the work is done once, whatever fails after it.
    expect(totals.running).toBeGreaterThanOrEqual(workMs - 5);
    if (payload.failures) expect(totals.retry_wait).toBeGreaterThanOrEqual(850);
    const firstRun = segments.find(({ cause }) => cause === 'running')!;
    if (delayMs > 0) expect(Date.parse(firstRun.from)).toBeGreaterThanOrEqual(askedAt + delayMs);
    expect(explained).toMatchObject({ state: 'succeeded', why: 'Nothing: it succeeded', waiting_for: null, eta: null });
  }
  expect(farthest).toBeLessThan(0.01);
});

it('shows a killed worker’s attempt and the time until it was taken over', async () => {
  const { operator } = platform;
  const id = await operator.probe({ work: '0.4s', steps: 4, crashes: 1 });
  const name = await Promise.race(
    ['probe', 'probe2'].map((worker) => platform.service(worker).exited.then(() => worker)),
  );
  await platform.launch(name);
  await operator.finished(id);
  const { totals, attempts } = await explain(id, operator);
  expect(totals.takeover).toBeGreaterThan(0);
  expect(attempts).toMatchObject([
    { attempt: 1, error: { code: 'LOST' } },
    { attempt: 2, ended: 'succeeded' },
  ]);
});

it('says why a job is not running now', async () => {
  const runAt = new Date(Date.now() + 3_600_000).toISOString();
  const later = await acme.submit('platform.noop', {}, { body: { run_at: runAt } });
  expect(await explain(later)).toMatchObject({
    waiting_for: 'scheduled',
    why: `It starts at ${runAt}`,
  });

  const unheard = await acme.submit('trading.score_bias', { user_id: 'u' }).catch(() => undefined);
  if (unheard) expect((await explain(unheard)).why).toMatch(/no worker is listening on queue/);

  const running = await acme.probe({ work: '60s', steps: 30 });
  await acme.running(running);
  expect(await explain(running)).toMatchObject({
    waiting_for: null,
    why: expect.stringMatching(/^Attempt 1 has been running for .* on probe/),
  });
  const byItself = await waitFor(async () => {
    const { eta } = await explain(running);
    return eta?.by === 'progress' ? eta : undefined;
  });
  const left = (at: string) => Date.parse(at) - Date.now();
  expect(left(byItself.earliest)).toBeGreaterThan(0);
  expect(left(byItself.latest)).toBeGreaterThan(left(byItself.earliest));
  await cancel(running);

  const failing = await acme.submit(
    'platform.probe',
    { failures: 1 },
    { body: { options: { retry: { backoff: 'fixed', delays_seconds: [300] } } } },
  );
  await acme.until(failing, ({ state }) => state === 'retrying');
  expect(await explain(failing)).toMatchObject({
    waiting_for: 'retry',
    why: expect.stringMatching(/^The next attempt starts at 20.*: attempt 1 failed with INTERNAL$/),
  });
});

it('names who holds the slots, and who paused the queue and why', async () => {
  const held: string[] = [];
  for (let n = 0; n < 4; n += 1) held.push(await acme.submit('platform.probe_limited', { key: 'k', work: '120s' }));
  await acme.until(held[3]!, ({ state }) => ['blocked', 'running'].includes(state));
  const states = await Promise.all(
    held.map(async (id) => (await acme.until(id, ({ state }) => ['blocked', 'running'].includes(state))).state),
  );
  const blocked = held.filter((_, i) => states[i] === 'blocked');
  const explained = await explain(blocked.at(-1)!);
  expect(explained.waiting_for).toBe('slot');
  expect(explained.why).toMatch(/^Waiting .*: concurrency 2\/2 on probe_key for key k, held by .*; 1 ahead$/);
  const holders = explained.related.map(({ job_id: id }) => id).sort();
  expect(holders).toEqual(held.filter((_, i) => states[i] === 'running').sort());
  for (const id of held) await cancel(id);

  const operator = await platform.clientWith('admin');
  const paused = await operator.send('/v1/pauses', {
    method: 'POST',
    body: { scope: 'kind', value: 'platform.noop', reason: 'the provider is down' },
  });
  expect(paused.status).toBe(200);
  const waiting = await acme.submit('platform.noop', { text: 'x' });
  await acme.until(waiting, ({ state }) => state === 'blocked');
  const { why } = await explain(waiting);
  expect(why).toMatch(/^Paused .* by .*: kind platform\.noop, because the provider is down$/);
});

it('finds attempts that get no further', async () => {
  const id = await acme.submit('platform.probe', { work: '55s' }, { body: { options: { timeout_seconds: 60 } } });
  await acme.running(id);
  const stuck = async () => (await acme.send('/v1/jobs?stuck=true')).body.jobs.map((job: { id: string }) => job.id);
  expect(await stuck()).not.toContain(id);
  expect((await explain(id)).stuck).toBeNull();
  // As if it had started two minutes ago.
  await platform.ledger.query(`update ledger.jobs set started_at = started_at - interval '2 minutes' where id = $1`, [
    id,
  ]);
  expect(await stuck()).toEqual([id]);
  expect((await acme.send('/v1/jobs?stuck=false&state=running')).body.jobs).toEqual([]);
  const explained = await explain(id);
  expect(explained).toMatchObject({ stuck: { limit: 'timeout' }, why: expect.stringContaining('seems to be stuck') });
  await acme.send(`/v1/jobs/${id}/cancel`, { method: 'POST' });
});
