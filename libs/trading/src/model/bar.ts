/** One trading day of one symbol. Prices are numbers: bars feed statistics, never an account. */
export interface Bar {
  /** Session date YYYY-MM-DD in the market's time zone. */
  date: string;
  open: number;
  high: number;
  low: number;
  close: number;
  /** Units traded; 0 where the source has none. */
  volume: number;
}

/** Index of the last bar dated strictly before `date`, or −1. Bars are sorted by date. */
export function lastBarBefore(bars: readonly Bar[], date: string): number {
  let low = 0;
  let high = bars.length;
  while (low < high) {
    const middle = (low + high) >>> 1;
    if (bars[middle]!.date < date) low = middle + 1;
    else high = middle;
  }
  return low - 1;
}
