import { DateTime } from 'luxon';

/** A half-open local week [Monday 00:00, next Monday 00:00). It lasts 167 or 169 hours when clocks change in it. */
export interface Week {
  /** IANA zone the days are counted in. */
  zone: string;
  /** Monday, YYYY-MM-DD. */
  start: string;
  /** The next Monday, YYYY-MM-DD; not part of the week. */
  end: string;
  since: Date;
  until: Date;
}

/** The week that holds an instant, or a date YYYY-MM-DD of the zone. Throws RangeError for an unknown zone or an invalid date. */
export function weekOf(moment: Date | string, zone: string): Week {
  const local = typeof moment === 'string' ? DateTime.fromISO(moment, { zone }) : DateTime.fromJSDate(moment, { zone });
  if (!local.isValid)
    throw new RangeError(`No week for ${String(moment)} in "${zone}": ${local.invalidExplanation ?? ''}`);
  const monday = local.startOf('week');
  // Calendar arithmetic, not 7 × 24 hours: the next Monday's midnight whatever the clocks did.
  const next = monday.plus({ weeks: 1 });
  return { zone, start: monday.toISODate(), end: next.toISODate(), since: monday.toJSDate(), until: next.toJSDate() };
}

/** The newest week that is over at `now`. */
export function lastCompleteWeek(now: Date, zone: string): Week {
  const current = weekOf(now, zone);
  return weekOf(new Date(current.since.getTime() - 1), zone);
}

/** The seven dates of a week, Monday first. */
export function datesOfWeek(week: Week): string[] {
  const monday = DateTime.fromISO(week.start, { zone: 'utc' });
  return Array.from({ length: 7 }, (_, day) => monday.plus({ days: day }).toISODate()!);
}
