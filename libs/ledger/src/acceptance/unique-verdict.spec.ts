import { type Asked, type Held, judgeRequest } from './unique-verdict.js';

const now = 1_000_000;
const asked = (unique: Partial<Asked['unique']>, runAt?: number): Asked => ({
  unique: {
    mode: 'reject',
    heldUntil: 'over',
    periodMs: undefined,
    whileRunning: undefined,
    maxWaitMs: undefined,
    leading: false,
    ...unique,
  },
  runAt,
  now,
});
const waiting = { state: 'queued', attempt: 0, createdAt: now - 500 } as const;
const running = { state: 'running', attempt: 1, createdAt: now - 500 } as const;
const dead = { state: 'dead', attempt: 1, createdAt: now - 500 } as const;
const held = (by: Partial<Held>): Held => ({
  holder: waiting,
  follower: undefined,
  expiresAt: undefined,
  exclusive: false,
  trailing: false,
  heldUntil: 'over',
  ...by,
});
const debounce = { mode: 'debounce', periodMs: 1_000, whileRunning: 'replace_next' } as const;

it('takes a key that is free; a debounced job waits', () => {
  expect(judgeRequest(asked({}, now + 5), undefined)).toEqual({ do: 'take', runAt: now + 5 });
  expect(judgeRequest(asked(debounce), undefined)).toEqual({ do: 'take', runAt: now + 1_000 });
  expect(judgeRequest(asked(debounce, now + 5_000), undefined)).toEqual({ do: 'take', runAt: now + 5_000 });
  expect(judgeRequest(asked({ ...debounce, leading: true }), undefined)).toEqual({ do: 'take', runAt: undefined });
});

it.each(['reject', 'return_existing', 'throttle'] as const)('stays with the first one: %s', (mode) => {
  const verdict = mode === 'reject' ? { do: 'refuse', why: 'held' } : { do: 'drop' };
  for (const by of [{}, { holder: running }, { holder: dead, expiresAt: now + 1 }, { expiresAt: now + 1 }])
    expect(judgeRequest(asked({ mode }), held(by))).toEqual(verdict);
  expect(judgeRequest(asked({ mode }), held({ holder: dead }))).toMatchObject({ do: 'take' });
  expect(judgeRequest(asked({ mode }), held({ holder: undefined }))).toMatchObject({ do: 'take' });
});

it('gives an expired key away beside a job that goes on, unless jobs of it never run side by side', () => {
  const expired = { holder: running, expiresAt: now - 1 };
  expect(judgeRequest(asked({}), held(expired))).toMatchObject({ do: 'take' });
  expect(judgeRequest(asked({}), held({ ...expired, exclusive: true }))).toMatchObject({ do: 'refuse' });
  expect(judgeRequest(asked({ whileRunning: 'replace_next' }), held(expired))).toMatchObject({ do: 'follow' });
});

it('keeps others out of the key of a dead job where the kind says so', () => {
  const kept = held({ holder: dead, heldUntil: 'succeeded' });
  expect(judgeRequest(asked({ mode: 'replace', whileRunning: 'replace_next' }), kept)).toEqual({
    do: 'refuse',
    why: 'dead',
  });
  expect(judgeRequest(asked({ mode: 'return_existing' }), kept)).toEqual({ do: 'drop' });
});

it.each([
  ['replace_next', { do: 'follow' }, { do: 'replace', whom: 'follower' }],
  ['queue_next', { do: 'follow' }, { do: 'refuse', why: 'followed' }],
  ['drop', { do: 'drop' }, { do: 'drop' }],
] as const)('while the first one runs: %s', (whileRunning, alone, followed) => {
  const request = asked({ mode: 'replace', whileRunning });
  for (const state of ['running', 'retrying', 'scheduled', 'queued', 'blocked'] as const) {
    const holder = { ...running, state };
    expect(judgeRequest(request, held({ holder }))).toMatchObject(alone);
    expect(judgeRequest(request, held({ holder, follower: waiting }))).toMatchObject(followed);
  }
});

it('moves a debounced start one period on, no further than the longest wait', () => {
  const moved = { do: 'replace', whom: 'holder', runAt: now + 1_000 };
  expect(judgeRequest(asked(debounce), held({}))).toEqual(moved);
  expect(judgeRequest(asked({ ...debounce, maxWaitMs: 1_200 }), held({}))).toEqual({ ...moved, runAt: now + 700 });
  const later = asked({ ...debounce, maxWaitMs: 1_200 }, now + 9_000);
  expect(judgeRequest(later, held({}))).toEqual({ ...moved, runAt: now + 9_000 });
});

it('makes one job at the end of the period of a leading one', () => {
  const leading = asked({ ...debounce, leading: true });
  const end = now + 300;
  for (const holder of [waiting, running])
    expect(judgeRequest(leading, held({ holder, expiresAt: end }))).toEqual({ do: 'follow', runAt: end });
  expect(judgeRequest(leading, held({ holder: dead, expiresAt: end }))).toEqual({
    do: 'take',
    runAt: end,
    window: end,
  });
  const trailing = held({ trailing: true, expiresAt: end });
  expect(judgeRequest(leading, trailing)).toEqual({ do: 'replace', whom: 'holder', runAt: 'kept' });
});
