import { setTimeout as sleep } from 'node:timers/promises';
import { Failure } from './failure.mjs';
import { linesOfThisStart } from './managed-process.mjs';
import { isSameProcess } from './process-identity.mjs';
import { SignsOfLife } from './signs-of-life.mjs';

export const again = 'Run the same command again: it goes on with what runs already.';

const lookEveryMs = 1_000;

/**
 * Waits until `check` is true, for as long as the process makes progress (SignsOfLife). Fails when it ends, when nothing is seen of it for
 * `patienceMs`, or after `longestMs` whatever is seen: work that leads nowhere.
 * @param {() => Promise<string | undefined>} [options.explain] what it says that it still needs, for the message
 * @param {AbortSignal} [options.signal] ends the waiting @returns {Promise<boolean>} false when `signal` has ended it
 */
export async function waitUntilReady(
  record,
  check,
  { patienceMs = 60_000, longestMs = 20 * 60_000, everyMs = 100, explain = async () => undefined, signal } = {},
) {
  const signs = new SignsOfLife(record);
  const since = Date.now();
  let [lastSign, lastLook] = [since, since];
  for (;;) {
    if (await check()) return true;
    if (signal?.aborted) return false;
    if (!isSameProcess(record)) throw new Failure(`${record.name} ended while starting. ${again}\n${logOf(record)}`);
    const now = Date.now();
    if (now - lastLook >= Math.min(lookEveryMs, patienceMs)) {
      lastLook = now;
      if (await signs.look()) lastSign = now;
    }
    if (now - lastSign > patienceMs || now - since > longestMs)
      throw new Failure(notReady(record, { now, since, lastSign, patienceMs }, await explain()));
    await sleep(everyMs);
  }
}

function notReady(record, { now, since, lastSign, patienceMs }, reason) {
  const seconds = (ms) => `${Math.round(ms / 1000)} s`;
  const why =
    now - lastSign > patienceMs
      ? `for ${seconds(now - lastSign)} it has written nothing, opened no port and hardly used the CPU`
      : 'it is at work, but gets nowhere';
  return `${record.name} is not ready after ${seconds(now - since)}: ${why}${reason ? ` (${reason})` : ''}. ${again}\n${logOf(record)}`;
}

function logOf(record) {
  const lines = linesOfThisStart(record);
  if (lines === '') return `It has written nothing to ${record.logFile} since it was started.`;
  return `What it has written to ${record.logFile} since it was started ends with:\n${lines}`;
}
