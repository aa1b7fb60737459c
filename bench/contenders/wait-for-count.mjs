import { setTimeout as sleep } from 'node:timers/promises';

const shortestMs = 5;
const longestMs = 250;
const patienceMs = 120_000;

/**
 * Waits until `read` answers `target`. Reading costs the contender time, so it is done seldom at first and often only when the
 * end is near.
 * @throws Error when nothing has moved for two minutes
 */
export async function waitForCount(target, read) {
  const start = performance.now();
  let reached = 0;
  let movedAt = start;
  for (;;) {
    const count = await read();
    const now = performance.now();
    if (count >= target) return;
    if (count > reached) [reached, movedAt] = [count, now];
    if (now - movedAt > patienceMs)
      throw new Error(`${count} of ${target} are done and nothing has moved for 2 minutes`);
    const expectedMs = count === 0 ? longestMs : ((now - start) / count) * (target - count);
    await sleep(Math.min(longestMs, Math.max(shortestMs, expectedMs / 2)));
  }
}
