import { JobFailure } from '@roundhouse/jobs';
import { BinanceClient, binanceCode, type BinanceCredentials } from './binance-client.js';
import type { FillPage, FillSource, FillWindow, RawFill, RowError } from '../fills/broker.js';
import { decodeCursor, encodeCursor, isCount } from '../fills/cursor.js';
import { canonicalDecimal } from '../fills/decimal-text.js';
import { currencyOf, notNegative, plausibleTime, positive, symbolOf } from '../fills/fill-fields.js';
import {
  fieldText,
  itemsOf,
  objectOf,
  sensibleWindow,
  throughWindow,
  type JsonObject,
  type ProviderHttp,
} from './provider.js';
import { readRow, rowError, RowProblem } from '../fills/row-problem.js';

const SOURCE = 'binance';
const LIMIT = 1_000;
const DAY = 24 * 3_600_000;
const UNKNOWN_SYMBOL = '-1121';

export interface BinanceConfig extends BinanceCredentials, ProviderHttp {
  /** Pairs to import (`BTCUSDT`); Binance lists an account's trades by pair only. */
  symbols: string[];
}

/** Where the import stands: searching the symbol's first trade from a time on, or paging by id after finding it. */
interface State {
  symbol: string;
  /** Search from here, in milliseconds. */
  time?: number;
  /** First id not read yet. */
  fromId?: number;
  /** Trades read, over all symbols. */
  row: number;
}

function isState({ symbol, time, fromId, row }: Record<string, unknown>): boolean {
  return typeof symbol === 'string' && isCount(row) && (isCount(fromId) ? time === undefined : isCount(time));
}

/**
 * Trades of a Binance account, one pair after the other. A page is one answer: windows of 24 hours until the first
 * trade, then by id. A pair that Binance does not know is a row error; the other pairs are imported.
 */
export class BinanceFills implements FillSource {
  private readonly client: BinanceClient;
  private readonly symbols: string[];

  /** Throws INVALID_INPUT without symbols or when the base URL may not be used. */
  constructor(config: BinanceConfig) {
    this.client = new BinanceClient(config);
    this.symbols = [...new Set(config.symbols.map((symbol) => symbol.trim().toUpperCase()))].filter(Boolean);
    if (this.symbols.length === 0)
      throw new JobFailure(
        'INVALID_INPUT',
        `The connection "${config.connection}" names no symbols; add the pairs to import`,
        {
          field: 'symbols',
        },
      );
  }

  async *pages(window: FillWindow, cursor: string | undefined, signal: AbortSignal): AsyncIterable<FillPage> {
    const sensible = sensibleWindow(window);
    const saved = decodeCursor<State>(SOURCE, cursor, isState);
    let state: State | undefined = this.start(sensible, saved);
    while (state) {
      const read: { page: FillPage; next: State | undefined } = await this.read(state, sensible, window, signal);
      yield read.page;
      state = read.next;
    }
  }

  /** A cursor of a symbol that the connection no longer names begins again: what is stored already stays as it is. */
  private start(window: FillWindow, saved: State | undefined): State {
    if (saved && this.symbols.includes(saved.symbol)) return saved;
    return this.beginning(this.symbols[0]!, window, 0);
  }

  private beginning(symbol: string, { since }: FillWindow, row: number): State {
    // "Everything" has no first day to search from: by id at once.
    return since.getTime() === 0 ? { symbol, fromId: 0, row } : { symbol, time: since.getTime(), row };
  }

  private async read(
    state: State,
    sensible: FillWindow,
    window: FillWindow,
    signal: AbortSignal,
  ): Promise<{ page: FillPage; next: State | undefined }> {
    const answer = await this.request(state, sensible, signal);
    const trades = 'unknown' in answer ? [] : answer.trades;
    const rows = readTrades(state, trades, window);
    if ('unknown' in answer) rows.rowErrors.push(answer.unknown);
    const row = state.row + trades.length;
    const same = 'unknown' in answer ? undefined : following(state, trades, sensible);
    const index = this.symbols.indexOf(state.symbol);
    const other = this.symbols[index + 1];
    const next = same ? { ...same, row } : other ? this.beginning(other, sensible, row) : undefined;
    const at = rows.fills.at(-1)?.at ?? new Date(same?.time ?? sensible.since.getTime());
    const fraction = next ? (index + (same ? throughWindow(at, sensible) : 1)) / this.symbols.length : 1;
    const end = { symbol: state.symbol, time: Math.min(sensible.until.getTime(), Date.now()), row };
    const fetched = rows.fills.length + rows.rowErrors.length;
    return { page: { ...rows, fetched, cursor: encodeCursor(SOURCE, next ?? end), fraction }, next };
  }

  private async request(
    state: State,
    { until }: FillWindow,
    signal: AbortSignal,
  ): Promise<{ trades: unknown[] } | { unknown: RowError }> {
    const { symbol, time = 0, fromId } = state;
    if (fromId === undefined && time >= until.getTime()) return { trades: [] };
    // Binance takes either an id or a time; both ends of a time window are included.
    const from: Record<string, string> =
      fromId === undefined
        ? { startTime: String(time), endTime: String(Math.min(time + DAY, until.getTime()) - 1) }
        : { fromId: String(fromId) };
    try {
      const parameters = { symbol, ...from, limit: String(LIMIT) };
      return { trades: itemsOf('Binance', await this.client.signed('/api/v3/myTrades', parameters, signal)) };
    } catch (error) {
      if (binanceCode(error) !== UNKNOWN_SYMBOL) throw error;
      const position = this.symbols.indexOf(symbol) + 1;
      const message = 'Binance does not know this symbol; correct or remove it in the connection';
      return { unknown: rowError(position, 'symbol', symbol, message) };
    }
  }
}

function idOf(trade: unknown): number | undefined {
  const id = (trade as { id?: unknown } | null)?.id;
  return isCount(id) ? id : undefined;
}

function timeOf(trade: unknown): number {
  const time = (trade as { time?: unknown } | null)?.time;
  return isCount(time) ? time : 0;
}

/** The next step for the same symbol, undefined when its trades of the window are all read. */
function following(
  state: State,
  trades: unknown[],
  { until }: FillWindow,
): Pick<State, 'symbol' | 'time' | 'fromId'> | undefined {
  const { symbol, time = 0, fromId } = state;
  if (trades.length === 0) {
    if (fromId !== undefined || time + DAY >= until.getTime()) return undefined;
    return { symbol, time: time + DAY };
  }
  // A short page of ids is the end; one of a time window only ends that window.
  if (fromId !== undefined && trades.length < LIMIT) return undefined;
  if (trades.some((trade) => timeOf(trade) >= until.getTime())) return undefined;
  const next = Math.max(...trades.map((trade) => idOf(trade) ?? -1)) + 1;
  if (next <= (fromId ?? 0))
    throw new JobFailure('UNAVAILABLE', `Binance repeats the trades of ${symbol} from id ${fromId ?? 0}`);
  return { symbol, fromId: next };
}

function readTrades(
  state: State,
  trades: unknown[],
  window: FillWindow,
): Pick<FillPage, 'fills' | 'rowErrors' | 'skipped'> {
  const fills = new Map<string, RawFill>();
  const rowErrors: RowError[] = [];
  trades.forEach((trade, index) => {
    const read = readRow(state.row + index + 1, () => fillOf(objectOf(trade), state.symbol));
    if ('error' in read) rowErrors.push(read.error);
    else if (window.since <= read.value.at && read.value.at < window.until) fills.set(read.value.extId, read.value);
  });
  return { fills: [...fills.values()], rowErrors, skipped: trades.length - fills.size - rowErrors.length };
}

function fillOf(trade: JsonObject, asked: string): RawFill {
  const number = (field: string): string => canonicalDecimal(field, fieldText(trade, field));
  const id = idOf(trade);
  if (id === undefined)
    throw new RowProblem('id', fieldText(trade, 'id'), 'id is not a number; report it to the provider');
  if (typeof trade.isBuyer !== 'boolean')
    throw new RowProblem(
      'isBuyer',
      fieldText(trade, 'isBuyer'),
      'isBuyer is neither true nor false; report it to the provider',
    );
  const symbol = symbolOf('symbol', fieldText(trade, 'symbol') || asked);
  return {
    extId: `${symbol}:${id}`,
    symbol,
    side: trade.isBuyer ? 'buy' : 'sell',
    quantity: positive('qty', number('qty')),
    price: notNegative('price', number('price')),
    fee: number('commission'),
    feeCurrency: currencyOf('commissionAsset', fieldText(trade, 'commissionAsset')),
    at: plausibleTime('time', fieldText(trade, 'time'), new Date(timeOf(trade))),
  };
}
