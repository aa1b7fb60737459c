/**
 * Latencies in classes, so that percentiles of many processes and minutes can be had from sums. Eight classes a decade from
 * 1 ms to 10⁷ ms (2.8 h): class i holds what is at most 10^(i/8) ms, the last one everything above. A percentile is off by
 * no more than the width of its class, a third.
 */
export const latencyClasses = 58;
const perDecade = 8;

export type LatencyCounts = number[];

export const noLatencies = (): LatencyCounts => new Array<number>(latencyClasses).fill(0);

export function latencyClass(ms: number): number {
  if (!(ms > 1)) return 0;
  return Math.min(latencyClasses - 1, Math.ceil(Math.log10(ms) * perDecade));
}

export function addLatencies(to: LatencyCounts, counts: readonly number[]): void {
  counts.forEach((count, i) => (to[i] = (to[i] ?? 0) + count));
}

/** In ms, between the bounds of the class it falls into; null when nothing was counted. @param share 0 … 1 */
export function percentile(counts: readonly number[], share: number): number | null {
  const total = counts.reduce((sum, count) => sum + count, 0);
  if (total === 0) return null;
  let below = 0;
  for (const [i, count] of counts.entries()) {
    if (count > 0 && below + count >= share * total) {
      const [from, to] = [i === 0 ? 0 : 10 ** ((i - 1) / perDecade), 10 ** (i / perDecade)];
      return from + (to - from) * ((share * total - below) / count);
    }
    below += count;
  }
  return 10 ** ((latencyClasses - 1) / perDecade);
}
