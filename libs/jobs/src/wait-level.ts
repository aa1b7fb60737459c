/** The fixed delays of the broker's wait queues, in milliseconds, ascending. */
export const waitLevelsMs = [
  1_000, 2_000, 5_000, 10_000, 15_000, 30_000, 60_000, 120_000, 300_000, 600_000, 900_000,
] as const;

/** Longer waits stay in the ledger, which sends the job out when its time has come. */
export const longestBrokerWaitMs = 900_000;

/**
 * The longest wait queue that does not overshoot. A delivery that comes out early is sent through another one for the
 * rest, so a delay is a sum of levels; anything below the shortest level is rounded up to it.
 */
export function waitLevelMs(delayMs: number): number {
  return waitLevelsMs.findLast((level) => level <= delayMs) ?? waitLevelsMs[0];
}
