import { IANAZone } from 'luxon';

const hourMs = 3_600_000;
const dayMs = 24 * hourMs;
/** No clock has been turned by more at once, but at the date line, where a day is left out and never shown twice. */
const longestChangeMs = 4 * hourMs;

/** What the clocks of a zone show, as milliseconds that read so in UTC: times that are skipped or repeated are then ordinary. */
export class WallClock {
  private readonly zone: IANAZone;

  constructor(name: string) {
    if (!IANAZone.isValidZone(name)) throw new RangeError(`unknown time zone ${name}`);
    this.zone = IANAZone.create(name);
  }

  offsetMs(at: number): number {
    return this.zone.offset(at) * 60_000;
  }

  at(moment: number): number {
    return moment + this.offsetMs(moment);
  }

  /** When the clock shows that: earliest first; twice when it is turned back, never when it leaps over it. */
  momentsOf(shown: number): number[] {
    const offsets = new Set([shown - dayMs, shown, shown + dayMs].map((at) => this.offsetMs(at)));
    return [...offsets]
      .map((offset) => shown - offset)
      .filter((moment) => this.at(moment) === shown)
      .sort((a, b) => a - b);
  }

  /** The clock has shown the same before: it was turned back since. */
  isRepeated(moment: number): boolean {
    return this.momentsOf(this.at(moment))[0] !== moment;
  }

  /** The moment at which the clock leaps over a time that it never shows. */
  leapOver(shown: number): number {
    const after = shown - this.offsetMs(shown - dayMs);
    return this.changeBetween(after - dayMs, after) ?? after;
  }

  /** The moment at which the clock is turned back in the hours after one, when it is. */
  turnedBackSoonAfter(moment: number): number | undefined {
    const end = moment + longestChangeMs;
    return this.offsetMs(end) < this.offsetMs(moment) ? this.changeBetween(moment, end) : undefined;
  }

  /** The moment from which on the offset of `end` holds, when that of `start` is another one; found by halving. */
  changeBetween(start: number, end: number): number | undefined {
    const last = this.offsetMs(end);
    if (this.offsetMs(start) === last) return undefined;
    let [low, high] = [start, end];
    while (high - low > 1) {
      const middle = Math.floor((low + high) / 2);
      if (this.offsetMs(middle) === last) high = middle;
      else low = middle;
    }
    return high;
  }
}
