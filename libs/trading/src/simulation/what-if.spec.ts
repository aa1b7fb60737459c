import { symbolSeries } from '../indicators/symbol-series.js';
import type { RoundTrip } from '../lots/round-trip.js';
import type { Bar } from '../model/bar.js';
import { Decimal } from '../model/decimal.js';
import { weekdays } from '../synthetic/random-bars.js';
import { exitAtStop } from './protective-stop.js';
import { simulateWhatIf } from './what-if.js';

/** Twenty calm bars at 100 (true range 2, so ATR14 = 2), then what the test says from the session of the entry on. */
function barsWith(rows: [open: number, high: number, low: number, close: number][]): Bar[] {
  const calm: typeof rows = Array.from({ length: 20 }, () => [100, 101, 99, 100]);
  const dates = weekdays('2026-01-05', 20 + rows.length);
  return [...calm, ...rows].map(([open, high, low, close], t) => ({
    date: dates[t]!,
    open,
    high,
    low,
    close,
    volume: 1,
  }));
}
const at = (bars: Bar[], t: number) => new Date(`${bars[t]!.date}T15:30:00Z`);
function trip(bars: Bar[], direction: 'long' | 'short', exitPrice: number, exitDay = 1): RoundTrip {
  const sign = direction === 'long' ? 1 : -1;
  return {
    id: 'trip',
    userId: 'u',
    symbol: 'KEST',
    direction,
    method: 'fifo',
    entryFillId: 'a',
    exitFillId: 'b',
    entryAt: at(bars, 20),
    exitAt: at(bars, 20 + exitDay),
    quantity: new Decimal(10),
    entryPrice: new Decimal(100),
    exitPrice: new Decimal(exitPrice),
    entryCost: new Decimal(1),
    exitCost: new Decimal(2),
    pnl: new Decimal(sign * 10 * (exitPrice - 100) - 3),
  };
}

describe('simulateWhatIf', () => {
  const bars = barsWith([
    [100, 101, 90, 100],
    [100, 103, 99, 102],
    [102, 104, 100, 103],
    [94, 95, 93, 94],
    [94, 110, 94, 109],
  ]);

  it('long: the curve, the gapped stop, half size and no trade, fees in', () => {
    const result = simulateWhatIf(trip(bars, 'long', 102), bars, { horizonDays: 4 });
    expect(result.partial).toBe(false);
    expect(result.pnlActual.toNumber()).toBe(17);
    expect(result.curve.map(({ pnl }) => pnl.toNumber())).toEqual([17, 27, -63, 87]);
    const by = Object.fromEntries(result.alternatives.map((one) => [one.kind, one]));
    // Entry day's low of 90 does not count; on day 3 the open of 94 is below the stop of 96.
    expect(by.atr_stop).toMatchObject({
      reason: 'stop',
      days: 3,
      exitPrice: new Decimal(94),
      pnl: new Decimal(-63),
      deltaPnl: new Decimal(-80),
    });
    expect(by.half_size!.pnl.toNumber()).toBe(8.5);
    expect(by.no_trade!.deltaPnl.toNumber()).toBe(-17);
    expect(result.best).toMatchObject({ kind: 'hold', days: 4, deltaPnl: new Decimal(70) });
  });

  it('short: mirrored', () => {
    const result = simulateWhatIf(trip(bars, 'short', 102), bars, { horizonDays: 4 });
    expect(result.curve.map(({ pnl }) => pnl.toNumber())).toEqual([-23, -33, 57, -93]);
    const stop = result.alternatives.find((one) => one.kind === 'atr_stop')!;
    expect(stop.reason).toBe('stop');
    expect(stop.exitPrice!.toNumber()).toBe(104);
  });

  it('is partial until the horizon is over, and without bars after the entry has no curve', () => {
    expect(simulateWhatIf(trip(bars, 'long', 102), bars, { horizonDays: 5 })).toMatchObject({
      partial: true,
      daysKnown: 4,
    });
    const today = simulateWhatIf(trip(bars, 'long', 102), bars.slice(0, 21), { horizonDays: 5 });
    expect(today).toMatchObject({ partial: true, daysKnown: 0, curve: [] });
    expect(today.alternatives.map((one) => one.kind)).toEqual(['half_size', 'no_trade']);
  });

  it('has no stop without an ATR before the entry', () => {
    expect(simulateWhatIf(trip(bars, 'long', 102), bars.slice(12), { horizonDays: 4 }).stop).toBeNull();
  });
});

it('a bar that holds both stop and target counts as the stop; a target fills at the better open', () => {
  const series = symbolSeries(
    barsWith([
      [100, 112, 95, 110],
      [115, 116, 114, 115],
    ]),
  );
  const order = { from: 20, to: 21, direction: 'long', stop: 96, target: 108 } as const;
  expect(exitAtStop(series, order)).toEqual({ bar: 20, price: 96, reason: 'stop' });
  expect(exitAtStop(series, { ...order, stop: 90, target: 113 })).toEqual({ bar: 21, price: 115, reason: 'target' });
  expect(exitAtStop(series, { ...order, stop: 90, target: null })).toEqual({ bar: 21, price: 115, reason: 'horizon' });
});
