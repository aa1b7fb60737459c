import type { Alternative } from '../simulation/what-if.js';

/** An alternative as a phrase: "held 7 days", "closed by the stop". */
export function alternativeInWords({ kind, days, reason }: Pick<Alternative, 'kind' | 'days' | 'reason'>): string {
  if (kind === 'hold') return `held ${days} ${days === 1 ? 'day' : 'days'}`;
  if (kind === 'half_size') return 'at half the size';
  if (kind === 'no_trade') return 'not traded';
  if (reason === 'horizon') return `held ${days} days with a stop that was not reached`;
  return `closed by the ${reason} on day ${days}`;
}
