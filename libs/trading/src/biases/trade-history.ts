import { symbolSeries, type SymbolSeries } from '../indicators/symbol-series.js';
import { inTimeOrder, matchLots } from '../lots/lot-matcher.js';
import type { LotMethod, OpenLot, RoundTrip } from '../lots/round-trip.js';
import { type Bar, lastBarBefore } from '../model/bar.js';
import { feeInTradeCurrency } from '../model/fee.js';
import type { Fill } from '../model/fill.js';
import { sessionDate } from '../model/session-date.js';
import type { Entry, Exit } from './decision.js';
import type { HeldDays } from './held-days.js';
import { Holding } from './holding.js';
import type { SaleDay } from './sale-day.js';

export interface HistoryInput {
  /** One user's fills, all of them up to the window's end; in split-adjusted units if the bars are. */
  fills: readonly Fill[];
  /** Sorted by date. */
  barsBySymbol: ReadonlyMap<string, readonly Bar[]>;
  openingLots?: readonly OpenLot[];
  method?: LotMethod;
  marketZone?: string;
}

/** One user's trading, told once and read by every bias. Events are in time order. */
export interface TradeHistory {
  userId: string;
  fills: Fill[];
  roundTrips: RoundTrip[];
  openLots: OpenLot[];
  entries: Entry[];
  exits: Exit[];
  saleDays: SaleDay[];
  /** Fees by session date, in the trade's currency. */
  feesByDate: Map<string, number>;
  /** The fills carry dates without times, so "within an hour" cannot be told. */
  datesOnly: boolean;
  symbolsWithoutBars: string[];
}

/** Fills of one decision follow each other within this. */
const PARTIAL_FILL_GAP = 60_000;

export function tradeHistory(input: HistoryInput): TradeHistory {
  const { barsBySymbol, openingLots = [], method = 'fifo', marketZone = 'America/New_York' } = input;
  const fills = inTimeOrder(input.fills);
  const { roundTrips, openLots } = matchLots(fills, { method, openingLots });
  const tripsByExit = byExit(roundTrips);

  const holdings = new Map<string, Holding>();
  const holdingOf = (symbol: string): Holding => {
    let holding = holdings.get(symbol);
    if (holding === undefined) {
      const bars = barsBySymbol.get(symbol);
      holdings.set(symbol, (holding = new Holding(symbol, bars?.length ? symbolSeries(bars) : null)));
    }
    return holding;
  };
  for (const lot of openingLots) holdingOf(lot.symbol).carryOver(lot, sessionDate(lot.entryAt, marketZone));

  const history: TradeHistory = {
    userId: fills[0]?.userId ?? '',
    fills,
    roundTrips,
    openLots,
    entries: [],
    exits: [],
    saleDays: [],
    feesByDate: new Map(),
    datesOnly: datesOnly(fills),
    symbolsWithoutBars: [],
  };
  const heldDays: HeldDays = { all: 0, belowCost: 0 };
  let today: SaleDay | null = null;
  for (const fill of fills) {
    const date = sessionDate(fill.at, marketZone);
    const holding = holdingOf(fill.symbol);
    if (today?.date !== date) today = startOfDay(date, fill.at, holdings);
    const fee = feeInTradeCurrency(fill).cost.toNumber();
    history.feesByDate.set(date, (history.feesByDate.get(date) ?? 0) + fee);
    const when = { at: fill.at, date, lastBar: lastBarOf(holding.series, date) };
    holding.countDays(when.lastBar, heldDays);
    const closed = (tripsByExit.get(fill.id) ?? []).map((trip) => ({
      trip,
      entryBar: lastBarOf(holding.series, sessionDate(trip.entryAt, marketZone)),
    }));
    const { exit, entry } = holding.apply(fill, fee, when, closed);
    if (exit) {
      if (exit.direction === 'long') {
        if (today.sales.length === 0) history.saleDays.push(today);
        today.sales.push({ symbol: exit.symbol, price: exit.price, averageCost: exit.averageCost });
      }
      appendOrMerge(history.exits, exit, mergeExit);
    }
    if (entry?.kind === 'add' && entry.direction === 'long') {
      for (const other of holdings.values()) other.countDays(lastBarOf(other.series, date), heldDays);
      entry.heldDays = { ...heldDays };
    }
    if (entry) appendOrMerge(history.entries, entry, mergeEntry);
  }
  history.symbolsWithoutBars = [...holdings.values()].filter((h) => h.series === null).map((h) => h.symbol);
  return history;
}

function byExit(roundTrips: readonly RoundTrip[]): Map<string, RoundTrip[]> {
  const trips = new Map<string, RoundTrip[]>();
  for (const trip of roundTrips) {
    const known = trips.get(trip.exitFillId);
    if (known) known.push(trip);
    else trips.set(trip.exitFillId, [trip]);
  }
  return trips;
}

function startOfDay(date: string, at: Date, holdings: ReadonlyMap<string, Holding>): SaleDay {
  const held = [...holdings.values()].filter((holding) => holding.direction === 'long');
  return {
    date,
    at,
    sales: [],
    held: held.map(({ symbol, averageCost, series }) => ({ symbol, averageCost, series })),
  };
}

function lastBarOf(series: SymbolSeries | null, date: string): number {
  if (series === null) return -1;
  const index = series.indexByDate.get(date);
  return index === undefined ? lastBarBefore(series.bars, date) : index - 1;
}

/**
 * Two times of day at most: midnight, noon or the close in a zone, before and after its clocks change. To the minute, for a reader of dates
 * may set the fills of a day milliseconds apart to keep their order.
 */
function datesOnly(fills: readonly Fill[]): boolean {
  const times = new Set<number>();
  for (const fill of fills) {
    times.add(Math.round(fill.at.getTime() / 60_000) % 1440);
    if (times.size > 2) return false;
  }
  return fills.length > 4;
}

function appendOrMerge<T extends Entry | Exit>(list: T[], next: T, merge: (into: T, next: T) => void): void {
  const last = list[list.length - 1];
  const together =
    last !== undefined &&
    last.symbol === next.symbol &&
    last.direction === next.direction &&
    next.at.getTime() - last.at.getTime() <= PARTIAL_FILL_GAP &&
    samePosition(last, next);
  if (together) merge(last, next);
  else list.push(next);
}

/** Two fills can be a moment apart and belong to two positions, the more so when a file has dates only. */
function samePosition(last: Entry | Exit, next: Entry | Exit): boolean {
  if ('positionId' in last && 'positionId' in next) return last.positionId === next.positionId;
  return 'kind' in next && next.kind === 'add';
}

function weighted(a: number, weightA: number, b: number, weightB: number): number {
  return (a * weightA + b * weightB) / (weightA + weightB);
}

function mergeEntry(into: Entry, next: Entry): void {
  into.price = weighted(into.price, into.quantity, next.price, next.quantity);
  into.quantity += next.quantity;
  into.notional += next.notional;
}

function mergeExit(into: Exit, next: Exit): void {
  for (const name of ['price', 'entryPrice', 'heldMilliseconds', 'heldBars'] as const) {
    into[name] = weighted(into[name], into.quantity, next[name], next.quantity);
  }
  into.quantity += next.quantity;
  into.pnl += next.pnl;
}
