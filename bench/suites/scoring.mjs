import { rounded, summary } from '../statistics.mjs';
import { machine } from '../set-up/machine.mjs';

/** The pure scoring of trades on one core; nothing of it waits for a database or a broker. */
export async function scoringSuite({ rounds, note }) {
  const { measureScoring } = await import('@roundhouse/trading');
  if (!measureScoring) throw new Error('@roundhouse/trading exports no measureScoring');
  const rates = [];
  for (let round = 1; round <= rounds; round += 1) {
    const { tradesPerSecond, trades } = measureScoring();
    note(`round ${round}: ${Math.round(tradesPerSecond)} trades/s (${trades} trades)`);
    rates.push(tradesPerSecond);
  }
  return { suite: 'scoring', unit: 'trades/s', ours: summary(rates), rounds, machine: machine() };
}

export function describeScoring({ ours, rounds }) {
  const { median, min, max } = ours;
  return `scoring: ${median} trades/s on one core (${min} … ${max}, ${rounds} rounds; ${rounded(1e6 / median)} µs a trade)`;
}
