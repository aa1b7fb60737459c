import fc from 'fast-check';
import { longestBrokerWaitMs, waitLevelMs, waitLevelsMs } from './wait-level.js';

/** The wait queues that a delay travels through. */
function hops(delayMs: number): number[] {
  const levels: number[] = [];
  for (let rest = delayMs; rest > 0; rest -= levels.at(-1)!) levels.push(waitLevelMs(rest));
  return levels;
}

const sum = (levels: number[]): number => levels.reduce((total, level) => total + level, 0);
const delays = fc.integer({ min: 1, max: longestBrokerWaitMs });

describe('waitLevelMs', () => {
  it('is the longest level that does not overshoot, and the shortest one for less', () => {
    expect([1, 999, 1_000, 1_999, 2_000, 14_999, 15_000, 899_999, 900_000].map(waitLevelMs)).toEqual([
      1_000, 1_000, 1_000, 1_000, 2_000, 10_000, 15_000, 600_000, 900_000,
    ]);
  });

  it('has ascending levels that end with the longest wait', () => {
    expect([...waitLevelsMs].sort((a, b) => a - b)).toEqual(waitLevelsMs);
    expect(waitLevelsMs.at(-1)).toBe(longestBrokerWaitMs);
  });

  it('makes every delay a sum of levels, rounded up to the shortest level', () => {
    fc.assert(
      fc.property(delays, (delayMs) => {
        expect(sum(hops(delayMs))).toBe(Math.ceil(delayMs / waitLevelsMs[0]) * waitLevelsMs[0]);
      }),
    );
  });

  it('needs at most eight hops, longest first', () => {
    let most = 0;
    for (let delayMs = 1_000; delayMs <= longestBrokerWaitMs; delayMs += 1_000) {
      const levels = hops(delayMs);
      expect(levels).toEqual([...levels].sort((a, b) => b - a));
      most = Math.max(most, levels.length);
    }
    expect(most).toBe(8);
  });
});
