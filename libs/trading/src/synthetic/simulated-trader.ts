import type { Bar } from '../model/bar.js';
import { Decimal, ZERO } from '../model/decimal.js';
import type { Fill, Side } from '../model/fill.js';
import { seededRandom } from '../statistics/random.js';
import { normals } from './random-bars.js';

/** How strongly each bias acts; without any the trader decides by dice alone. */
export interface InjectedBiases {
  /** Exits of winners are this many times likelier, of losers this many times rarer. */
  disposition?: number;
  /** Probability of buying again, larger, within 40 minutes of a large loss. */
  revenge?: number;
  /** Share of openings that look for the most stretched symbol. */
  chasing?: number;
  /** Share of openings that look for the symbol with the highest relative volume. */
  attention?: number;
  /** Adds to losers are this many times likelier. */
  averagingDown?: number;
  /** Sizes after three wins in a row are multiplied by this. */
  overconfidence?: number;
  /** Every 40th session has this many more openings and exits. */
  overtrading?: number;
  /** Share of exits at a round number, if the day's range holds one. */
  anchoring?: number;
}

export interface SimulatedTrader {
  userId: string;
  barsBySymbol: ReadonlyMap<string, readonly Bar[]>;
  seed: number;
  biases?: InjectedBiases;
  /** Sessions without trades at the start, for indicators to warm up. */
  warmUp?: number;
  /** Mean openings a session. */
  openings?: number;
}

interface Held {
  units: number;
  cost: number;
}

const OPENING_BELL = 14.5 * 3_600_000;
const SESSION = 6.5 * 3_600_000;
const EXIT_CHANCE = 0.15;
const ADD_CHANCE = 0.05;

/** Fills of a trader who opens, adds, reduces and closes at random times, prices and sizes, in time order. Deterministic for a seed. */
export function simulateTrader(trader: SimulatedTrader): Fill[] {
  const { userId, barsBySymbol, seed, biases = {}, warmUp = 150, openings = 0.8 } = trader;
  const random = seededRandom(seed);
  const normal = normals(random);
  const symbols = [...barsBySymbol.keys()];
  const sessions = barsBySymbol.get(symbols[0]!)!.length;
  const held = new Map<string, Held>();
  const fills: Fill[] = [];
  const losses: number[] = [];
  let streak = 0;

  const size = (): number => 5000 * Math.exp(0.4 * normal()) * (streak >= 3 ? (biases.overconfidence ?? 1) : 1);
  const trade = (symbol: string, side: Side, units: number, price: number, at: number): void => {
    const count = fills.length;
    const rounded = Math.max(0.01, Math.round(price * 100) / 100);
    fills.push({
      id: `${userId}-${count}`,
      userId,
      broker: 'simulated',
      extId: String(count),
      symbol,
      side,
      quantity: new Decimal(units),
      price: new Decimal(rounded),
      fee: new Decimal(1),
      feeCurrency: 'USD',
      at: new Date(Math.round(at)),
    });
  };
  const buy = (symbol: string, notional: number, price: number, at: number): void => {
    const units = Math.max(1, Math.round(notional / price));
    const before = held.get(symbol) ?? { units: 0, cost: 0 };
    held.set(symbol, { units: before.units + units, cost: before.cost + units * price });
    trade(symbol, 'buy', units, price, at);
  };
  const sell = (symbol: string, share: number, price: number, at: number): number => {
    const position = held.get(symbol)!;
    const units = share === 1 ? position.units : Math.max(1, Math.floor(position.units * share));
    const cost = (position.cost * units) / position.units;
    if (units === position.units) held.delete(symbol);
    else held.set(symbol, { units: position.units - units, cost: position.cost - cost });
    trade(symbol, 'sell', units, price, at);
    return units * price - cost;
  };
  const pick = (d: number): string => {
    const dice = random();
    if (dice < (biases.chasing ?? 0)) return extreme(symbols, (symbol) => stretch(barsBySymbol.get(symbol)!, d));
    if (dice < (biases.chasing ?? 0) + (biases.attention ?? 0)) {
      return extreme(symbols, (symbol) => volumeRatio(barsBySymbol.get(symbol)!, d));
    }
    return symbols[Math.floor(random() * symbols.length)]!;
  };

  for (let d = warmUp; d < sessions; d++) {
    const day = Date.parse(`${barsBySymbol.get(symbols[0]!)![d]!.date}T00:00:00Z`) + OPENING_BELL;
    const priceOf = (symbol: string): number => {
      const { low, high } = barsBySymbol.get(symbol)![d]!;
      return low + random() * (high - low);
    };
    // What is decided today, each with its time of day; done in the order of the clock.
    const plan: { at: number; act: (at: number) => void }[] = [];
    const schedule = (act: (at: number) => void): void => {
      plan.push({ at: day + random() * (SESSION - 45 * 60_000), act });
    };
    const hectic = biases.overtrading !== undefined && d % 40 === 0;
    for (const [symbol, position] of held) {
      const last = barsBySymbol.get(symbol)![d - 1]!.close;
      const up = last > position.cost / position.units;
      const lean = biases.disposition ?? 1;
      if (random() < EXIT_CHANCE * (up ? lean : 1 / lean)) {
        schedule((at) => {
          if (!held.has(symbol)) return;
          const round = random() < (biases.anchoring ?? 0) ? roundPrice(barsBySymbol.get(symbol)![d]!) : null;
          const pnl = sell(symbol, random() < 0.3 ? 0.5 : 1, round ?? priceOf(symbol), at) - 2;
          streak = pnl > 0 ? streak + 1 : 0;
          if (pnl >= 0) return;
          const large =
            losses.length > 5 && -pnl >= [...losses].sort((a, b) => a - b)[Math.floor(losses.length * 0.75)]!;
          losses.push(-pnl);
          if (large && random() < (biases.revenge ?? 0))
            buy(symbol, 1.6 * size(), priceOf(symbol), at + 40 * 60_000 * random());
        });
      } else if (random() < ADD_CHANCE * (up ? 1 : (biases.averagingDown ?? 1))) {
        schedule((at) => {
          if (held.has(symbol)) buy(symbol, size(), priceOf(symbol), at);
        });
      }
    }
    const count = poisson(openings, random) + (hectic ? biases.overtrading! : 0);
    for (let i = 0; i < count; i++) {
      schedule((at) => {
        const symbol = pick(d);
        if (held.has(symbol) && !hectic) return;
        buy(symbol, size() * (hectic ? 0.05 : 1), priceOf(symbol), at);
      });
    }
    plan.sort((a, b) => a.at - b.at).forEach(({ at, act }) => act(at));
  }
  return fills.sort((a, b) => a.at.getTime() - b.at.getTime()).filter((fill) => fill.quantity.gt(ZERO));
}

function poisson(mean: number, random: () => number): number {
  const limit = Math.exp(-mean);
  let count = 0;
  for (let product = random(); product > limit; product *= random()) count += 1;
  return count;
}

function extreme(symbols: readonly string[], score: (symbol: string) => number): string {
  return symbols.reduce((best, symbol) => (score(symbol) > score(best) ? symbol : best));
}

function stretch(bars: readonly Bar[], d: number): number {
  const month = bars.slice(Math.max(0, d - 20), d);
  return bars[d - 1]!.close / (month.reduce((sum, bar) => sum + bar.close, 0) / month.length);
}

function volumeRatio(bars: readonly Bar[], d: number): number {
  const month = bars.slice(Math.max(0, d - 20), d);
  return bars[d - 1]!.volume / (month.reduce((sum, bar) => sum + bar.volume, 0) / month.length);
}

/** A whole tenth of the leading digit's unit inside the day's range, if there is one. */
function roundPrice({ low, high }: Bar): number | null {
  const step = 10 ** (Math.floor(Math.log10(low)) - 1);
  const price = Math.ceil(low / step) * step;
  return price <= high ? price : null;
}
