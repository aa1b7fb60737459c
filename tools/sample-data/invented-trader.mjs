import { dice } from './dice.mjs';

/** Sessions before the first trade: indicators and percentiles need a history. */
const WARM_UP = 140;
const BELL = 9.5 * 60;

/**
 * Fills of one trader, oldest first: {date, minute (New York time), symbol, side, quantity, price, fee}. Mostly ordinary decisions, with some
 * habits mixed in: winners are sold sooner than losers, some entries run after a move, losers are added to, and a large loss is sometimes
 * answered with a quick, larger trade.
 */
export function inventTrader({ seed, bars }) {
  const random = dice(seed);
  const symbols = [...bars.keys()];
  const sessions = bars.get(symbols[0]).length;
  const held = new Map();
  const fills = [];
  const losses = [];

  const record = (date, minute, symbol, side, quantity, price) => {
    fills.push({
      date,
      minute,
      second: random.below(60),
      symbol,
      side,
      quantity,
      price,
      fee: cents(0.35 + quantity * 0.0035),
    });
  };
  const buy = (d, minute, symbol, notional) => {
    const price = priceOn(bars.get(symbol)[d], random);
    const quantity = Math.max(1, Math.round(notional / price / (price < 20 ? 50 : 5))) * (price < 20 ? 50 : 5);
    const before = held.get(symbol) ?? { quantity: 0, cost: 0, since: d };
    held.set(symbol, { ...before, quantity: before.quantity + quantity, cost: before.cost + quantity * price });
    record(bars.get(symbol)[d].date, minute, symbol, 'buy', quantity, price);
  };
  const sell = (d, minute, symbol, share) => {
    const position = held.get(symbol);
    const price = priceOn(bars.get(symbol)[d], random);
    const quantity = share === 1 ? position.quantity : Math.max(1, Math.floor(position.quantity * share));
    const cost = (position.cost * quantity) / position.quantity;
    if (quantity === position.quantity) held.delete(symbol);
    else held.set(symbol, { ...position, quantity: position.quantity - quantity, cost: position.cost - cost });
    record(bars.get(symbol)[d].date, minute, symbol, 'sell', quantity, price);
    return quantity * price - cost;
  };
  const size = () => 4500 * Math.exp(0.35 * random.normal());

  for (let d = WARM_UP; d < sessions; d++) {
    const lastWeek = d >= sessions - 5;
    const plan = [];
    const at = (act) => plan.push({ minute: BELL + 5 + random.below(330), act });
    for (const [symbol, position] of held) {
      const gain = bars.get(symbol)[d - 1].close / (position.cost / position.quantity) - 1;
      const chance = (gain > 0.01 ? 0.24 : gain < -0.01 ? 0.1 : 0.12) * (lastWeek ? 2 : 1);
      if (random.uniform() < chance) {
        at((minute) => {
          if (!held.has(symbol)) return;
          const pnl = sell(d, minute, symbol, random.uniform() < 0.15 ? 0.5 : 1);
          if (pnl >= 0) return;
          const large =
            losses.length >= 5 && -pnl >= [...losses].sort((a, b) => a - b)[Math.floor(losses.length * 0.7)];
          losses.push(-pnl);
          if (large && random.uniform() < 0.65)
            buy(
              d,
              minute + 4 + random.below(35),
              random.uniform() < 0.6 ? symbol : pick(symbols, random),
              1.7 * size(),
            );
        });
      } else if (gain < -0.03 && random.uniform() < 0.1) {
        at((minute) => held.has(symbol) && buy(d, minute, symbol, 0.8 * size()));
      } else if (gain > 0.02 && random.uniform() < 0.015) {
        at((minute) => held.has(symbol) && buy(d, minute, symbol, 0.6 * size()));
      }
    }
    const hot = symbols.filter((symbol) => hasRun(bars.get(symbol), d));
    const chased = hot.length > 0 && random.uniform() < 0.5 ? pick(hot, random) : null;
    const openings = (random.uniform() < 0.42 ? 1 : 0) + (random.uniform() < 0.12 ? 1 : 0) + (lastWeek ? 1 : 0);
    if (chased !== null && !held.has(chased)) at((minute) => held.has(chased) || buy(d, minute, chased, 1.1 * size()));
    for (let i = 0; i < openings; i++) {
      const symbol = pick(symbols, random);
      at((minute) => held.has(symbol) || buy(d, minute, symbol, size()));
    }
    plan.sort((a, b) => a.minute - b.minute).forEach(({ minute, act }) => act(minute));
  }
  return fills.sort((a, b) => a.date.localeCompare(b.date) || a.minute - b.minute || a.second - b.second);
}

function pick(list, random) {
  return list[random.below(list.length)];
}

function cents(value) {
  return Math.round(value * 100) / 100;
}

function priceOn({ low, high }, random) {
  return cents(low + random.uniform() * (high - low));
}

/** Well above its 20-day average, and up over the last five days. */
function hasRun(rows, d) {
  const month = rows.slice(d - 20, d);
  const mean = month.reduce((sum, row) => sum + row.close, 0) / 20;
  const range = month.reduce((sum, row) => sum + row.high - row.low, 0) / 20;
  return rows[d - 1].close > mean + 2.2 * range && rows[d - 1].close > rows[d - 6].close * 1.03;
}
