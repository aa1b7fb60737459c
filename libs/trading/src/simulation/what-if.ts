import { symbolSeries, type SymbolSeries } from '../indicators/symbol-series.js';
import type { RoundTrip } from '../lots/round-trip.js';
import { type Bar, lastBarBefore } from '../model/bar.js';
import { Decimal, ZERO } from '../model/decimal.js';
import { sessionDate } from '../model/session-date.js';
import { exitAtStop } from './protective-stop.js';

/** `hold`: sold at the close `days` sessions after the entry. `atr_stop`: held until the stop, at the horizon's close otherwise. */
export type AlternativeKind = 'hold' | 'atr_stop' | 'atr_stop_target' | 'half_size' | 'no_trade';

export interface Alternative {
  kind: AlternativeKind;
  /** Sessions after the entry at which it ends; null for those that end with the real exit, or never began. */
  days: number | null;
  /** Session of its exit, YYYY-MM-DD; null for no trade. */
  exitDate: string | null;
  exitPrice: Decimal | null;
  /** What ended it. */
  reason: 'horizon' | 'stop' | 'target' | 'actual_exit' | 'none';
  /** Net, fees in. */
  pnl: Decimal;
  /** pnl − what the trade really brought. */
  deltaPnl: Decimal;
}

export interface WhatIf {
  roundTripId: string;
  symbol: string;
  horizonDays: number;
  /** Sessions of the horizon that are over. */
  daysKnown: number;
  /** Some of the horizon is still to come; what is here may change. */
  partial: boolean;
  pnlActual: Decimal;
  /** Stop and target in use, and the ATR14 of the last bar before the entry; null without enough bars before it. */
  stop: { atr14: number; price: Decimal; target: Decimal } | null;
  alternatives: Alternative[];
  /** The holding curve k = 1 … daysKnown: profit if sold at that session's close. */
  curve: { days: number; date: string; pnl: Decimal; deltaPnl: Decimal }[];
  /** Of all alternatives, the one with the largest delta; null if every one would have brought less or the same. */
  best: Alternative | null;
}

export interface WhatIfOptions {
  /** Sessions after the entry. */
  horizonDays?: number;
  /** Distance of the stop from the entry in ATR14, and of the target. */
  stopInAtr?: number;
  targetInAtr?: number;
  marketZone?: string;
}

/**
 * What a round trip would have brought under simple alternatives. Every exit pays what the real exit paid; half the size pays half of both.
 * The session of the entry is session 0: daily bars do not say what came before the entry on that day, so stops work from session 1 on.
 *
 * @param bars the symbol's, sorted by date, in the units of the trip's prices
 */
export function simulateWhatIf(trip: RoundTrip, bars: readonly Bar[], options: WhatIfOptions = {}): WhatIf {
  const { horizonDays = 20, stopInAtr = 2, targetInAtr = 4, marketZone = 'America/New_York' } = options;
  const series = symbolSeries(bars);
  const before = lastBarBefore(bars, sessionDate(trip.entryAt, marketZone));
  const entry = before + 1;
  const last = Math.min(entry + horizonDays, bars.length - 1);
  const daysKnown = Math.max(0, last - entry);
  const value = (exitPrice: Decimal): Decimal => pnlAt(trip, exitPrice);
  const curve = Array.from({ length: daysKnown }, (_, i) => {
    const bar = bars[entry + i + 1]!;
    const pnl = value(new Decimal(bar.close));
    return { days: i + 1, date: bar.date, pnl, deltaPnl: pnl.minus(trip.pnl) };
  });
  const alternatives: Alternative[] = curve.map(({ days, date, pnl, deltaPnl }) => ({
    kind: 'hold',
    days,
    exitDate: date,
    exitPrice: new Decimal(bars[entry + days]!.close),
    reason: 'horizon',
    pnl,
    deltaPnl,
  }));

  const stop = stopLevels(trip, series, before, stopInAtr, targetInAtr);
  if (stop !== null && daysKnown > 0) {
    for (const kind of ['atr_stop', 'atr_stop_target'] as const) {
      const target = kind === 'atr_stop' ? null : stop.target.toNumber();
      const exit = exitAtStop(series, {
        from: entry + 1,
        to: last,
        direction: trip.direction,
        stop: stop.price.toNumber(),
        target,
      });
      const exitPrice = new Decimal(exit.price);
      const pnl = value(exitPrice);
      const { reason } = exit;
      const end = { days: exit.bar - entry, exitDate: bars[exit.bar]!.date, exitPrice };
      alternatives.push({ kind, ...end, reason, pnl, deltaPnl: pnl.minus(trip.pnl) });
    }
  }
  const half = trip.pnl.div(2);
  const exitDate = sessionDate(trip.exitAt, marketZone);
  alternatives.push(
    {
      kind: 'half_size',
      days: null,
      exitDate,
      exitPrice: trip.exitPrice,
      reason: 'actual_exit',
      pnl: half,
      deltaPnl: half.neg(),
    },
    {
      kind: 'no_trade',
      days: null,
      exitDate: null,
      exitPrice: null,
      reason: 'none',
      pnl: ZERO,
      deltaPnl: trip.pnl.neg(),
    },
  );
  const top = alternatives.reduce((a, b) => (b.deltaPnl.gt(a.deltaPnl) ? b : a));
  return {
    roundTripId: trip.id,
    symbol: trip.symbol,
    horizonDays,
    daysKnown,
    partial: daysKnown < horizonDays,
    pnlActual: trip.pnl,
    stop,
    alternatives,
    curve,
    best: top.deltaPnl.gt(0) ? top : null,
  };
}

/** Net profit if the trip had been closed at this price with the fees it paid. */
function pnlAt(trip: RoundTrip, exitPrice: Decimal): Decimal {
  const move = trip.direction === 'long' ? exitPrice.minus(trip.entryPrice) : trip.entryPrice.minus(exitPrice);
  return move.times(trip.quantity).minus(trip.entryCost).minus(trip.exitCost);
}

function stopLevels(
  trip: RoundTrip,
  series: SymbolSeries,
  before: number,
  stopInAtr: number,
  targetInAtr: number,
): WhatIf['stop'] {
  const atr14 = series.atr14[before];
  if (atr14 === undefined || Number.isNaN(atr14)) return null;
  const away = trip.direction === 'long' ? -1 : 1;
  return {
    atr14,
    price: trip.entryPrice.plus(away * stopInAtr * atr14),
    target: trip.entryPrice.minus(away * targetInAtr * atr14),
  };
}
