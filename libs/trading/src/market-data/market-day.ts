import { DateTime } from 'luxon';

export const NEW_YORK = 'America/New_York';

/** Date in an IANA zone; '' for a time that is none. */
export function dateIn(zone: string, at: Date): string {
  return DateTime.fromJSDate(at, { zone }).toISODate() ?? '';
}

/** Start of a date in an IANA zone, in milliseconds. */
export function startOf(zone: string, date: string): number {
  return DateTime.fromISO(date, { zone }).startOf('day').toMillis();
}

export function dayAfter(date: string): string {
  return DateTime.fromISO(date, { zone: 'UTC' }).plus({ days: 1 }).toISODate() ?? '';
}

/**
 * The last date whose US session is over: its bar does not change any more. Sessions close at 16:00 New York at the
 * latest; a quarter of an hour more lets late prints and delayed feeds settle.
 */
export function lastCompleteUsDay(now: Date): string {
  return DateTime.fromJSDate(now, { zone: NEW_YORK }).minus({ hours: 16, minutes: 15 }).toISODate() ?? '';
}

export function earlier(a: string, b: string): string {
  return a < b ? a : b;
}
