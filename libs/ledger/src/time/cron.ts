import { Cron, CronPattern } from 'croner';
import { WallClock } from './wall-clock.js';

export class InvalidCron extends Error {
  override readonly name = 'InvalidCron';
}

/**
 * The first time after `after` at which a cron expression is due in an IANA zone. Changes of the clock: what lies in hours
 * that are skipped runs once right after them; in hours that are shown twice it runs once, the first time, unless the hours
 * of the expression are an interval (however it is written): then both times. One for every hour follows the hours that
 * really pass: nothing is made up for. Throws InvalidCron for a bad expression or zone, or one that is never due (again).
 */
export function nextFireTime(expression: string, timeZone: string, after: Date): Date {
  let next: number | undefined;
  try {
    next = firstAfter(parsed(expression), new WallClock(timeZone), after.getTime());
  } catch (error) {
    throw new InvalidCron(`Cron expression "${expression}" in zone ${timeZone}: ${String(error)}`, { cause: error });
  }
  if (next === undefined) throw new InvalidCron(`Cron expression "${expression}" is never due`);
  return new Date(next);
}

interface Parsed {
  /** Milliseconds of the next match after a time of the clock, as WallClock has them; null: there is none. */
  nextShown(after: number): number | null;
  /** Hours between two that match, when they are evenly spaced over the whole day. */
  intervalHours: number | undefined;
}

function parsed(expression: string): Parsed {
  // In UTC the library meets no change of the clock: they are ours.
  const cron = new Cron(expression, { timezone: 'UTC', paused: true });
  const { hour } = new CronPattern(expression);
  return {
    nextShown: (after) => cron.nextRun(new Date(after))?.getTime() ?? null,
    intervalHours: interval(hour.flatMap((matches, index) => (matches ? [index] : []))),
  };
}

/** Every hour, every second hour, ...: a step that divides the day. Once a day is no interval but a time. */
function interval(hours: readonly number[]): number | undefined {
  const step = 24 / hours.length;
  const isEven = hours.length > 1 && hours.every((hour, index) => hour === (hours[0] ?? 0) + index * step);
  return isEven ? step : undefined;
}

function firstAfter(cron: Parsed, clock: WallClock, after: number): number | undefined {
  for (let at = after; ;) {
    const next = nextMoment(cron, clock, at);
    if (next === undefined || cron.intervalHours !== undefined || !clock.isRepeated(next)) return next;
    at = next;
  }
}

/** The next moment at which the clock shows a match, shown before or not, or leaps over one. */
function nextMoment(cron: Parsed, clock: WallClock, after: number): number | undefined {
  const ahead = matchAhead(cron, clock, after);
  const back = clock.turnedBackSoonAfter(after);
  const again = back === undefined ? null : cron.nextShown(clock.at(back) - 1);
  if (back === undefined || again === null) return ahead;
  const repeated = again - clock.offsetMs(back);
  return ahead === undefined ? repeated : Math.min(ahead, repeated);
}

function matchAhead(cron: Parsed, clock: WallClock, after: number): number | undefined {
  const shown = cron.nextShown(clock.at(after));
  if (shown === null) return undefined;
  const moment = clock.momentsOf(shown).find((candidate) => candidate > after);
  if (moment !== undefined) return moment;
  const leap = clock.leapOver(shown);
  if (cron.intervalHours !== 1) return leap;
  const beyond = cron.nextShown(clock.at(leap) - 1);
  return beyond === null ? undefined : beyond - clock.offsetMs(leap);
}
