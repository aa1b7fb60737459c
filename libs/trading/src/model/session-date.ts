import { DateTime } from 'luxon';

const QUARTER = 15 * 60_000;
const datesByZone = new Map<string, Map<number, string>>();

/**
 * Calendar date YYYY-MM-DD of an instant in an IANA zone. Zone rules are asked once per quarter of an hour (every offset in use is a
 * multiple of it, so no midnight falls inside one), which makes this cheap enough for one call per fill.
 */
export function sessionDate(at: Date, zone: string): string {
  let dates = datesByZone.get(zone);
  if (dates === undefined) {
    dates = new Map();
    datesByZone.set(zone, dates);
  }
  const quarter = Math.floor(at.getTime() / QUARTER);
  let date = dates.get(quarter);
  if (date === undefined) {
    date = DateTime.fromMillis(quarter * QUARTER, { zone }).toISODate() ?? invalidZone(zone);
    // Bounded: a long-lived worker sees many users and years.
    if (dates.size > 200_000) dates.clear();
    dates.set(quarter, date);
  }
  return date;
}

function invalidZone(zone: string): never {
  throw new RangeError(`"${zone}" is not an IANA time zone; use a name such as America/New_York`);
}
