import { dice } from './dice.mjs';

/** Invented companies. Any likeness of a symbol to a listed one is chance; the prices are made of random numbers. */
export const symbols = [
  { symbol: 'QZAL', name: 'QUARTZ & ALDER CO (INVENTED)', price: 41, volatility: 0.016, volume: 1_900_000 },
  { symbol: 'BRYV', name: 'BRYONY VALE ENERGY (INVENTED)', price: 118, volatility: 0.013, volume: 2_700_000 },
  { symbol: 'NULX', name: 'NULLARBOR OPTICS (INVENTED)', price: 23, volatility: 0.027, volume: 3_800_000 },
  { symbol: 'TORQY', name: 'TORQUAY MOTION (INVENTED)', price: 66, volatility: 0.019, volume: 1_200_000 },
  { symbol: 'VESPQ', name: 'VESPER QUAY FOODS (INVENTED)', price: 87, volatility: 0.01, volume: 900_000 },
  { symbol: 'HYDRQ', name: 'HYDRA REEF SYSTEMS (INVENTED)', price: 152, volatility: 0.022, volume: 2_100_000 },
  { symbol: 'OAKWQ', name: 'OAKWELL QUILL PAPER (INVENTED)', price: 55, volatility: 0.014, volume: 1_500_000 },
  { symbol: 'PENQY', name: 'PENUMBRA QUARRY (INVENTED)', price: 3.4, volatility: 0.045, volume: 6_500_000 },
];

/** Bars by symbol: spells of volatility, a common factor, opening gaps, volume that grows with the day's move. */
export function inventBars({ seed, sessions, lastDay }) {
  const random = dice(seed);
  const dates = sessionsUpTo(lastDay, sessions);
  const market = spells(sessions, 0.007, random);
  return new Map(
    symbols.map(({ symbol, price, volatility, volume }) => {
      const own = spells(sessions, volatility, random);
      let close = price;
      let trend = 0;
      const rows = dates.map((date, d) => {
        trend = 0.97 * trend + 0.0006 * random.normal();
        const move = 0.0001 + trend + 0.6 * market[d] + own[d];
        const previous = close;
        close = previous * Math.exp(move);
        const open = previous * Math.exp(0.3 * move + 0.25 * volatility * random.normal());
        const reach = previous * (0.35 * volatility + 0.4 * Math.abs(own[d]));
        const high = Math.max(open, close) + reach * Math.abs(random.normal());
        const low = Math.max(Math.min(open, close) - reach * Math.abs(random.normal()), 0.5 * Math.min(open, close));
        const traded = volume * Math.exp(0.25 * random.normal() + (0.5 * Math.abs(move)) / volatility - 0.3);
        return {
          date,
          open: cents(open),
          high: cents(high),
          low: cents(low),
          close: cents(close),
          volume: Math.round(traded / 100) * 100,
        };
      });
      return [
        symbol,
        rows.map(({ high, low, open, close: end, ...rest }) => ({
          ...rest,
          open,
          close: end,
          high: Math.max(high, open, end),
          low: Math.min(low, open, end),
        })),
      ];
    }),
  );
}

function cents(value) {
  return Math.round(value * 100) / 100;
}

function spells(days, volatility, random) {
  let variance = volatility ** 2;
  let last = 0;
  return Array.from({ length: days }, () => {
    variance = 0.06 * volatility ** 2 + 0.12 * last ** 2 + 0.82 * variance;
    last = Math.sqrt(variance) * random.normal();
    return last;
  });
}

function sessionsUpTo(lastDay, count) {
  const dates = [];
  for (let at = Date.parse(`${lastDay}T00:00:00Z`); dates.length < count; at -= 86_400_000) {
    if (new Date(at).getUTCDay() % 6 !== 0) dates.unshift(new Date(at).toISOString().slice(0, 10));
  }
  return dates;
}
