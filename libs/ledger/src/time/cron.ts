import { Cron } from 'croner';
import { DateTime } from 'luxon';

export class InvalidCron extends Error {
  override readonly name = 'InvalidCron';
}

/**
 * The first time after `after` at which a cron expression is due in an IANA zone. Daylight saving: times in the gap run
 * once right after it, a time in the overlap runs once; an expression for every hour follows the hours that really pass.
 * Throws InvalidCron for a bad expression or zone, or one that is never due (again).
 */
export function nextFireTime(expression: string, timeZone: string, after: Date): Date {
  let next: Date | null;
  try {
    next = firstAfter(expression, timeZone, after);
  } catch (error) {
    throw new InvalidCron(`Cron expression "${expression}" in zone ${timeZone}: ${String(error)}`, { cause: error });
  }
  if (!next) throw new InvalidCron(`Cron expression "${expression}" is never due`);
  return next;
}

function firstAfter(expression: string, timeZone: string, after: Date): Date | null {
  const cron = new Cron(expression, { timezone: timeZone, paused: true });
  let next = cron.nextRun(after);
  if (runsEveryHour(expression)) return next;
  while (next && isRepeated(next, timeZone)) next = cron.nextRun(next);
  const gapEnd = endOfSkippedTime(expression, timeZone, after);
  return gapEnd && (!next || gapEnd < next) ? gapEnd : next;
}

/** Of five fields the second is the hour, of six or seven the third. */
function runsEveryHour(expression: string): boolean {
  const fields = expression.trim().split(/\s+/);
  return (fields.length > 5 ? fields[2] : fields[1]) === '*' || expression.trim() === '@hourly';
}

/** The clock showed this time before, an hour or so ago: it was turned back since. */
function isRepeated(time: Date, zone: string): boolean {
  const possible = DateTime.fromJSDate(time, { zone }).getPossibleOffsets();
  return possible.length > 1 && possible[0]?.toMillis() !== time.getTime();
}

/** When the next matching time of the clock is one that the clock leaps over, the moment of the leap. */
function endOfSkippedTime(expression: string, zone: string, after: Date): Date | undefined {
  const clock = DateTime.fromJSDate(after, { zone }).setZone('utc', { keepLocalTime: true });
  // In UTC no time is skipped: this is what the clock would show.
  const due = new Cron(expression, { timezone: 'UTC', paused: true }).nextRun(clock.toJSDate());
  if (!due) return undefined;
  const wanted = DateTime.fromJSDate(due, { zone: 'utc' });
  const real = wanted.setZone(zone, { keepLocalTime: true });
  if (real.hour === wanted.hour && real.minute === wanted.minute) return undefined;
  return leapBefore(real.toMillis(), zone);
}

const dayMs = 86_400_000;

/** The last change of a zone's offset in the day before `end`. */
function leapBefore(end: number, zone: string): Date {
  const offsetAt = (at: number) => DateTime.fromMillis(at, { zone }).offset;
  let [low, high] = [end - dayMs, end];
  while (high - low > 1) {
    const middle = Math.floor((low + high) / 2);
    if (offsetAt(middle) === offsetAt(end)) high = middle;
    else low = middle;
  }
  return new Date(high);
}
