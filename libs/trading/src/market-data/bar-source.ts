import type { Bar } from '../model/bar.js';
import type { Split } from '../model/split.js';

export interface BarSeries {
  symbol: string;
  /** Complete days of [from, to], oldest first, one a date. */
  bars: Bar[];
  /**
   * Splits since `from` that the source knows of. With adjusted prices these are the ones to restate fills by; a source
   * of raw prices may know none.
   */
  splits: Split[];
  /** Prices are restated for later splits (never for dividends). */
  adjusted: boolean;
  /** 'alpaca', 'binance', 'yahoo', 'csv'. */
  source: string;
  /** Days left out because they cannot be right, as sentences for people; the first 20. */
  problems: string[];
}

/** Where daily bars come from. */
export interface BarSource {
  /**
   * Daily bars of a symbol, `from` and `to` as YYYY-MM-DD, both included. A day that is not over is left out.
   * Undefined when the source knows no bars of the symbol in that time; failures of the source are JobFailures.
   */
  dailyBars(symbol: string, from: string, to: string, signal: AbortSignal): Promise<BarSeries | undefined>;
}
