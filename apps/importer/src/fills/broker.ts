import type { RowError } from '@roundhouse/contracts';

export type { RowError };

/** One execution as its source states it. Numbers are plain decimal strings ('1234.5', no exponent, no grouping). */
export interface RawFill {
  /** The source's id; importing the same fill again yields the same one. Unique within a page. */
  extId: string;
  /** Upper case, as the source names it: AAPL, BTCUSDT, BTC-USD. */
  symbol: string;
  side: 'buy' | 'sell';
  /** Units (shares, coins; contracts times their multiplier), always positive. */
  quantity: string;
  /** Per unit, not negative. */
  price: string;
  /** Positive when paid, negative for a rebate. */
  fee: string;
  feeCurrency: string;
  at: Date;
}

export interface FillPage {
  fills: RawFill[];
  rowErrors: RowError[];
  /** Opaque; a source created again with it goes on after this page. */
  cursor: string;
  /** Fills of this page, good and bad. */
  fetched: number;
  /** Rows of this page that are no fills of the window: dividends, order summaries, other days. */
  skipped: number;
  /** Done after this page, 0 to 1; undefined when the size of the source is unknown. The last page says 1. */
  fraction: number | undefined;
}

/** Half-open: since ≤ at < until. */
export interface FillWindow {
  since: Date;
  until: Date;
}

/**
 * Where fills come from. Bad rows become row errors and the rest is kept; what stops the source as a whole is thrown as
 * a JobFailure. There is always at least one page, possibly without fills.
 */
export interface FillSource {
  pages(window: FillWindow, cursor: string | undefined, signal: AbortSignal): AsyncIterable<FillPage>;
}
