import { setTimeout as sleep } from 'node:timers/promises';

const everyMs = 20;
const defaultPatienceSeconds = 180;

/** Asks every 20 ms; `check` must be cheap for the contender. @throws Error after three minutes, or what is given */
export async function waitUntil(check, patienceSeconds = defaultPatienceSeconds) {
  const start = performance.now();
  while (!(await check())) {
    if (performance.now() - start > patienceSeconds * 1000)
      throw new Error(`The jobs of a round are not done after ${patienceSeconds} s`);
    await sleep(everyMs);
  }
}
