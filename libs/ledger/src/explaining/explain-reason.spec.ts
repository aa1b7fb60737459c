import { sayAside } from './explain-aside.js';
import { estimateEnd } from './explain-eta.js';
import { duration, sayWhy, type Holdup } from './explain-reason.js';

const now = Date.UTC(2026, 0, 1, 12);
const why = (holdup: Holdup, waitedMs = 240_000) => sayWhy(holdup, waitedMs, now);

it('says lengths of time as people do', () => {
  expect([0, 850, 12_400, 119_000, 240_000, 7_200_000, 200_000_000].map(duration)).toEqual([
    '0 ms',
    '850 ms',
    '12 s',
    '119 s',
    '4 min',
    '2 h',
    '2 days',
  ]);
});

it('says what a job waits for and who has it', () => {
  const holders = ['j1', 'j2'].map((jobId) => ({ jobId, worker: 'w', since: now }));
  expect(why({ type: 'slot', key: 'sync|acme|[7]', used: 2, limit: 2, holders, ahead: 12 })).toBe(
    'Waiting 4 min: concurrency 2/2 on sync for 7, held by j1, j2; 12 ahead',
  );
  expect(why({ type: 'backlog', queue: 'x', ahead: 3, consumed: false })).toBe(
    'Waiting 4 min: no worker is listening on queue x',
  );
  expect(why({ type: 'backlog', queue: 'x', ahead: 0, consumed: true })).toBe(
    'Waiting 4 min for a worker of queue x; it is next',
  );
  expect(why({ type: 'outbox', queue: 'x', ahead: 9, consumed: false })).toBe(
    'Waiting 4 min to be sent to queue x; 9 ahead; no worker is listening on queue x',
  );
  const pause = {
    type: 'pause',
    scope: 'queue',
    value: 'x',
    by: 'ada',
    reason: 'deploy',
    since: now - 60_000,
  } as const;
  expect(why(pause)).toBe('Paused 60 s ago by ada: queue x, because deploy');
  expect(why({ type: 'token', bucket: 'b|acme', until: now + 1_000, pausedUntil: undefined })).toBe(
    'Waiting 4 min for a token of b, which is there at 2026-01-01T12:00:01.000Z',
  );
  expect(why({ type: 'dependency', unmet: [{ ref: 'a', jobId: 'j', state: 'running' }] })).toBe(
    'Waiting 4 min for a (running)',
  );
  expect(why({ type: 'retry', at: now, attempt: 3, error: 'UNAVAILABLE' })).toBe(
    'The next attempt starts at 2026-01-01T12:00:00.000Z: attempt 3 failed with UNAVAILABLE',
  );
  expect(why({ type: 'over', state: 'succeeded', error: undefined })).toBe('Nothing: it succeeded');
});

it('says what the broker’s trouble is, and never a place in a queue that does not move', () => {
  const away = { what: 'away', reason: '', forMs: 180_000 } as const;
  const blocked = { what: 'blocked', reason: 'low on memory', forMs: 4_000 } as const;
  expect(why({ type: 'broker', queue: 'x', trouble: away })).toBe(
    'Waiting 4 min for queue x: the broker has been away for 3 min',
  );
  expect(why({ type: 'broker', queue: 'x', trouble: blocked })).toBe(
    'Waiting 4 min for queue x: the broker has taken no messages for 4 s (low on memory)',
  );
});

it('adds what holds a job up beside what it waits for now', () => {
  const pause = { scope: 'kind', value: 'k', by: 'ada', reason: 'deploy', since: now - 60_000 };
  const trouble = { what: 'away', reason: '', forMs: 9_000 } as const;
  const retry: Holdup = { type: 'retry', at: now, attempt: 1, error: undefined };
  const running: Holdup = {
    type: 'running',
    attempt: 1,
    worker: 'w',
    since: now,
    progress: undefined,
    stuck: undefined,
    cancelling: false,
  };
  const aside = (holdup: Holdup, said: Partial<Parameters<typeof sayAside>[1]>) =>
    sayAside(holdup, { pause: undefined, trouble: undefined, ...said }, now);
  expect(aside(retry, {})).toBe('');
  expect(aside(retry, { pause })).toBe('; kind k was paused 60 s ago by ada');
  expect(aside(retry, { pause, trouble })).toBe(
    '; kind k was paused 60 s ago by ada; the broker has been away for 9 s',
  );
  expect(aside(running, { pause })).toBe('');
  expect(aside(running, { trouble })).toBe('; the broker has been away for 9 s, so that its worker cannot be heard');
  expect(aside({ type: 'pause', ...pause }, { pause, trouble })).toBe('');
  expect(aside({ type: 'over', state: 'succeeded', error: undefined }, { trouble })).toBe('');
});

it('estimates the end of a first attempt from how far it has come, sooner than from other jobs', () => {
  const recent = { samples: 50, fastMs: 1_000, slowMs: 4_000, queuePerSecond: 2 };
  const running = { type: 'running', attempt: 1, worker: 'w', stuck: undefined, cancelling: false } as const;
  const run = (change: Partial<Extract<Holdup, { type: 'running' }>>) =>
    estimateEnd({ ...running, since: now - 10_000, progress: 25, ...change }, recent, now);
  // A quarter took 10 s: 30 s are left, give or take.
  expect(run({})).toEqual({ earliest: now + 24_000, latest: now + 45_000, by: 'progress' });
  for (const change of [{ progress: undefined }, { progress: 4 }, { progress: 100 }, { attempt: 2 }])
    expect(run(change)).toMatchObject({ by: 'recent_jobs' });
  expect(run({ since: now - 1_000 })).toEqual({ earliest: now, latest: now + 3_000, by: 'recent_jobs' });
  expect(run({ cancelling: true })).toBeUndefined();
  expect(run({ stuck: { since: now - 9_000, limit: 'stuck_after', limitMs: 5_000 } })).toBeUndefined();
});

it('estimates an end only from what is known', () => {
  const recent = { samples: 50, fastMs: 1_000, slowMs: 4_000, queuePerSecond: 2 };
  const backlog: Holdup = { type: 'backlog', queue: 'x', ahead: 20, consumed: true };
  expect(estimateEnd(backlog, recent, now)).toEqual({
    earliest: now + 6_000,
    latest: now + 24_000,
    by: 'recent_jobs',
  });
  expect(estimateEnd({ ...backlog, consumed: false }, recent, now)).toBeUndefined();
  expect(estimateEnd(backlog, { ...recent, samples: 4 }, now)).toBeUndefined();
  expect(estimateEnd(backlog, undefined, now)).toBeUndefined();
  const slot: Holdup = { type: 'slot', key: 'k', used: 2, limit: 2, holders: [], ahead: 3 };
  expect(estimateEnd(slot, recent, now)).toMatchObject({ earliest: now + 2_000, latest: now + 12_000 });
  const running: Holdup = {
    type: 'running',
    attempt: 1,
    progress: undefined,
    worker: 'w',
    since: now - 9_000,
    stuck: undefined,
    cancelling: false,
  };
  expect(estimateEnd(running, recent, now)).toMatchObject({ earliest: now, latest: now });
  const scheduled: Holdup = { type: 'scheduled', at: now + 500, because: 'run_at' };
  expect(estimateEnd(scheduled, recent, now)).toMatchObject({ earliest: now + 1_500, latest: now + 4_500 });
  expect(estimateEnd({ type: 'over', state: 'dead', error: undefined }, recent, now)).toBeUndefined();
});
