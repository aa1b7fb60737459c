import { jest } from '@jest/globals';
import { Rounds } from './index.js';

beforeEach(() => void jest.useFakeTimers());
afterEach(() => void jest.useRealTimers());

/** Rounds with a pause of a second, whose work ends as these say, one after the other, and from then on well. */
function start(...ends: unknown[]) {
  let begun = 0;
  const errors: unknown[] = [];
  const work = async () => {
    begun += 1;
    const end = await ends.shift();
    if (end instanceof Error) throw end;
    return end;
  };
  const rounds = new Rounds(work, { pauseMs: 1_000, onError: (error) => errors.push(error) });
  rounds.start();
  return { rounds, errors, begun: () => begun };
}

it('come one by one with a pause before each, also after one that failed', async () => {
  const failure = new Error('no database');
  const { rounds, errors, begun } = start(undefined, failure, 7, false);
  await jest.advanceTimersByTimeAsync(999);
  expect(begun()).toBe(0);
  await jest.advanceTimersByTimeAsync(4_001);
  expect([begun(), errors]).toEqual([5, [failure]]);
  await rounds.stop();
});

it('go on without a pause while there is more', async () => {
  const { rounds, begun } = start(true, true, true, false);
  await jest.advanceTimersByTimeAsync(1_000);
  expect(begun()).toBe(4);
  await rounds.stop();
});

it('begin the next pause only when the work has ended', async () => {
  let end!: () => void;
  const { rounds, begun } = start(new Promise<void>((resolve) => (end = resolve)));
  await jest.advanceTimersByTimeAsync(10_000);
  expect(begun()).toBe(1);
  end();
  await jest.advanceTimersByTimeAsync(1_000);
  expect(begun()).toBe(2);
  await rounds.stop();
});

it('stop when the work under way is done, whatever more there is', async () => {
  let end!: (more: boolean) => void;
  const { rounds, begun } = start(new Promise<boolean>((resolve) => (end = resolve)));
  await jest.advanceTimersByTimeAsync(1_000);
  let stopped = false;
  const stop = rounds.stop().then(() => (stopped = true));
  await jest.advanceTimersByTimeAsync(10_000);
  expect(stopped).toBe(false);
  end(true);
  await stop;
  await jest.advanceTimersByTimeAsync(10_000);
  expect(begun()).toBe(1);
});

it('never begin when they are stopped before', async () => {
  const { rounds, begun } = start();
  await rounds.stop();
  await jest.advanceTimersByTimeAsync(10_000);
  expect(begun()).toBe(0);
});
