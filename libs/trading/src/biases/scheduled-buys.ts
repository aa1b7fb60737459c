import type { Entry } from './decision.js';

/** Sizes within this of each other are the same, by money or by units. */
const SIZE_TOLERANCE = 0.05;
/** A gap within this of the usual one is the same; two days at least, for weekends and holidays. */
const GAP_TOLERANCE = 0.25;
const DAY = 86_400_000;

/** Recognises buys of one symbol on a schedule (the same size at even gaps): a plan carried out, whatever the price does. */
export class ScheduledBuys {
  private readonly recent = new Map<string, Entry[]>();

  /** Whether this buy continues a schedule: at least two buys before it, at this gap and of this size. Call it once per buy, in time order. */
  continues(buy: Entry): boolean {
    const before = this.recent.get(buy.symbol) ?? [];
    this.recent.set(buy.symbol, [...before.slice(-1), buy]);
    const [first, second] = before;
    if (first === undefined || second === undefined) return false;
    const usual = second.at.getTime() - first.at.getTime();
    const gap = buy.at.getTime() - second.at.getTime();
    const evenGap = usual > DAY / 2 && Math.abs(gap - usual) <= Math.max(GAP_TOLERANCE * usual, 2 * DAY);
    return evenGap && sameSize(first, second) && sameSize(second, buy);
  }
}

function sameSize(a: Entry, b: Entry): boolean {
  return near(a.notional, b.notional) || near(a.quantity, b.quantity);
}

function near(a: number, b: number): boolean {
  return Math.abs(a - b) <= SIZE_TOLERANCE * Math.max(a, b);
}
