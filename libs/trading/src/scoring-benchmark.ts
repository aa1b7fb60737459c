import { scoreTrades } from './biases/score-trades.js';
import { randomMarket } from './synthetic/random-bars.js';
import { simulateTrader } from './synthetic/simulated-trader.js';

export interface ScoringSpeed {
  /** Fills scored. */
  trades: number;
  /** Processor time, all threads of the process (garbage collection too), so that a busy machine does not make it slower. */
  seconds: number;
  /** On one core. */
  tradesPerSecond: number;
}

/**
 * Times the pure scoring: lots, decisions, features, every bias and its test. The bars of 16 symbols over 500 sessions are shared by 40
 * users, as in a batch; indicators are worked out inside the timed part, once, and one user in twenty has biases to find.
 * A first, untimed round lets the engine compile.
 */
export function measureScoring({ users = 40, seed = 1 } = {}): ScoringSpeed {
  const run = (from: number, count: number): ScoringSpeed => {
    const barsBySymbol = randomMarket({ symbols: 16, days: 500, seed: seed + from });
    const traders = Array.from({ length: count }, (_, i) =>
      simulateTrader({
        userId: `user-${from + i}`,
        barsBySymbol,
        seed: seed + from + i,
        biases: i % 20 === 0 ? { disposition: 2, revenge: 0.5, averagingDown: 3, overconfidence: 1.5 } : {},
        openings: 1.6,
      }),
    );
    const start = process.cpuUsage();
    let trades = 0;
    for (const fills of traders) trades += scoreTrades({ fills, barsBySymbol }).trades;
    const { user, system } = process.cpuUsage(start);
    const seconds = (user + system) / 1e6;
    return { trades, seconds, tradesPerSecond: trades / seconds };
  };
  run(0, Math.ceil(users / 4));
  return run(1000, users);
}
