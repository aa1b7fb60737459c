import type { Bar } from '../model/bar.js';
import { type InjectedBiases, simulateTrader } from './simulated-trader.js';
import type { BiasLabel } from '../biases/bias-tag.js';
import { scoreTrades } from '../biases/score-trades.js';
import { tradeHistory } from '../biases/trade-history.js';

/** How often something happened, out of how many times it could have. */
export interface Rate {
  hits: number;
  of: number;
}

export interface SimulatedRates {
  /** Window labels: traders tagged, of those with enough data. */
  windows: Map<BiasLabel, Rate>;
  /** Trade labels: decisions tagged, of those the label looks at. */
  trades: Map<BiasLabel, Rate>;
}

/** Scores simulated traders and counts what was tagged: false positives without injected biases, power with them. */
export function simulatedRates(options: {
  traders: number;
  seed: number;
  bars: (trader: number) => ReadonlyMap<string, readonly Bar[]>;
  biases?: InjectedBiases;
}): SimulatedRates {
  const rates: SimulatedRates = { windows: new Map(), trades: new Map() };
  for (let trader = 0; trader < options.traders; trader++) {
    const barsBySymbol = options.bars(trader);
    const seed = options.seed + trader;
    const fills = simulateTrader({ userId: `trader-${seed}`, barsBySymbol, seed, biases: options.biases });
    const { tags, findings } = scoreTrades({ fills, barsBySymbol });
    for (const { label, status } of findings) {
      if (status !== 'insufficient_data') add(rates.windows, label, status === 'tagged' ? 1 : 0, 1);
    }
    const { entries, exits } = tradeHistory({ fills, barsBySymbol });
    const openings = entries.filter((entry) => entry.kind === 'open').length;
    const looked = {
      chasing: entries.length,
      attention: openings,
      early_exit: exits.length,
      averaging_down: entries.length - openings,
      revenge: entries.length,
    };
    for (const [label, of] of Object.entries(looked)) {
      const hits = tags.filter((tag) => tag.scope === 'trade' && tag.label === label).length;
      add(rates.trades, label as BiasLabel, hits, of);
    }
  }
  return rates;
}

function add(rates: Map<BiasLabel, Rate>, label: BiasLabel, hits: number, of: number): void {
  const rate = rates.get(label) ?? { hits: 0, of: 0 };
  rates.set(label, { hits: rate.hits + hits, of: rate.of + of });
}
