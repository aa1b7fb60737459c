import type { Bar } from '../model/bar.js';

const MOST_PROBLEMS = 20;

/** A bar as a source states it: numbers or their texts; anything else is not a number. */
export type RawBar = Record<keyof Bar, unknown>;

function numberOf(value: unknown): number {
  if (typeof value === 'number') return value;
  return typeof value === 'string' && value.trim() !== '' ? Number(value) : Number.NaN;
}

function isDate(text: string): boolean {
  if (!/^\d{4}-\d{2}-\d{2}$/.test(text)) return false;
  const at = new Date(`${text}T00:00:00Z`);
  return !Number.isNaN(at.getTime()) && at.toISOString().startsWith(text); // 30 February would become 2 March
}

/** Checks bars as they come in, keeps the good ones of [from, to] and says what is wrong with the others. */
export class BarCollector {
  readonly problems: string[] = [];
  private readonly byDate = new Map<string, Bar>();

  constructor(
    private readonly from: string,
    private readonly to: string,
  ) {}

  /** `where` names the place for a message: 'line 7', '2026-01-05'. A later bar of a date replaces the earlier one. */
  add(raw: RawBar, where: string): void {
    const date = String(raw.date);
    if (!isDate(date)) return this.problem(`${where}: "${date.slice(0, 40)}" is not a date`);
    if (date < this.from || date > this.to) return;
    const [open, high, low, close, volume] = [raw.open, raw.high, raw.low, raw.close, raw.volume].map(numberOf) as [
      number,
      number,
      number,
      number,
      number,
    ];
    // Sources round each price by itself, so a close may lie a hair outside of high and low; only nonsense is refused.
    if (![open, high, low, close].every((price) => Number.isFinite(price) && price > 0) || high < low)
      return this.problem(`${where}: open, high, low and close must be prices, with high ≥ low`);
    this.byDate.set(date, {
      date,
      open,
      high,
      low,
      close,
      volume: volume >= 0 && Number.isFinite(volume) ? volume : 0,
    });
  }

  problem(message: string): void {
    if (this.problems.length < MOST_PROBLEMS) this.problems.push(message);
  }

  /** Sorted by date. */
  bars(): Bar[] {
    return [...this.byDate.values()].sort((a, b) => (a.date < b.date ? -1 : 1));
  }
}
