import { ATR, EMA, RSI, SMA } from 'trading-signals';
import type { Bar } from '../model/bar.js';

/** One value per bar, in the bars' order; null during warm-up. The value at index t uses bars 0…t only. */
export type Aligned = (number | null)[];

interface Streaming<Input> {
  update(input: Input, replace: boolean): unknown;
  readonly isStable: boolean;
  getResult(): number | null;
}

function aligned<Input>(indicator: Streaming<Input>, inputs: readonly Input[]): Aligned {
  return inputs.map((input) => {
    indicator.update(input, false);
    return indicator.isStable ? indicator.getResult() : null;
  });
}

/** Wilder's relative strength index of the closes, 0…100. Exact from its first value on. */
export function rsi(bars: readonly Bar[], period = 14): Aligned {
  return aligned(new RSI(period), closes(bars));
}

/** Simple moving average of the closes. */
export function sma(bars: readonly Bar[], period = 20): Aligned {
  return aligned(new SMA(period), closes(bars));
}

/** Exponential moving average of the closes. Its seed is the first close, so allow 100 bars of warm-up before using it. */
export function ema(bars: readonly Bar[], period = 20): Aligned {
  return aligned(new EMA(period), closes(bars));
}

/** Wilder's average true range, in price units. The first true range is high − low, so allow 100 bars of warm-up before using it. */
export function atr(bars: readonly Bar[], period = 14): Aligned {
  return aligned(new ATR(period), bars);
}

/** Return over the last `days` bars, as a fraction. */
export function trailingReturn(bars: readonly Bar[], days = 5): Aligned {
  return bars.map((bar, t) => (t < days ? null : bar.close / bars[t - days]!.close - 1));
}

/** Volume over its own 20-bar average (the bar itself included); null where the source has no volume. */
export function relativeVolume(bars: readonly Bar[], period = 20): Aligned {
  let sum = 0;
  return bars.map((bar, t) => {
    sum += bar.volume - (t >= period ? bars[t - period]!.volume : 0);
    return t < period - 1 || sum <= 0 ? null : (bar.volume * period) / sum;
  });
}

/** Highest high of the last `period` bars, the bar itself included; null before there are that many. */
export function highestHigh(bars: readonly Bar[], period = 252): Aligned {
  // Indices of the window's candidates, their highs falling: each bar enters and leaves once.
  const candidates: number[] = [];
  let head = 0;
  return bars.map((bar, t) => {
    while (candidates.length > head && bars[candidates[candidates.length - 1]!]!.high <= bar.high) candidates.pop();
    candidates.push(t);
    if (candidates[head]! <= t - period) head += 1;
    return t < period - 1 ? null : bars[candidates[head]!]!.high;
  });
}

function closes(bars: readonly Bar[]): number[] {
  return bars.map((bar) => bar.close);
}
