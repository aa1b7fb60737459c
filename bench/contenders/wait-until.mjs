import { setTimeout as sleep } from 'node:timers/promises';

const everyMs = 20;
const patienceMs = 180_000;

/** Asks every 20 ms; `check` must be cheap for the contender. @throws Error after three minutes */
export async function waitUntil(check) {
  const start = performance.now();
  while (!(await check())) {
    if (performance.now() - start > patienceMs)
      throw new Error(`The jobs of a round are not done after ${patienceMs / 1000} s`);
    await sleep(everyMs);
  }
}
