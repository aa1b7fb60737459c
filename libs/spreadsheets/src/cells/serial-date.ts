/** Which day has the serial number 0 or 1: Excel's systems of 1900 and of 1904. */
export type DateSystem = '1900' | '1904';

const dayMs = 86_400_000;
/** 31 December 9999 in the system of 1900. */
const lastSerial = 2_958_466;
const daysBetweenSystems = 1_462;

/**
 * Wall-clock time of a serial number as milliseconds since 1970, rounded to the millisecond. Undefined for what is no date:
 * negative, after 9999, and in the system of 1900 the number 60, the 29 February 1900 that Excel took over from Lotus 1-2-3 and
 * that never was; serials before it are one day on.
 * Source: ECMA-376 part 1, 18.17.4.1.
 */
export function wallTimeOfSerial(serial: number, system: DateSystem): number | undefined {
  if (!Number.isFinite(serial) || serial < 0) return undefined;
  const days = system === '1904' ? serial + daysBetweenSystems : serial;
  if (days >= lastSerial || (system === '1900' && days >= 60 && days < 61)) return undefined;
  const epoch = system === '1900' && days < 60 ? Date.UTC(1899, 11, 31) : Date.UTC(1899, 11, 30);
  return epoch + Math.round(days * dayMs);
}

const two = (n: number): string => (n < 10 ? `0${n}` : String(n));

/** "2026-01-31" */
export function isoDate(wallMs: number): string {
  const date = new Date(wallMs);
  const year = String(date.getUTCFullYear()).padStart(4, '0');
  return `${year}-${two(date.getUTCMonth() + 1)}-${two(date.getUTCDate())}`;
}

/** "08:00:00", with milliseconds when there are any. */
export function isoTime(wallMs: number): string {
  const date = new Date(wallMs);
  const ms = date.getUTCMilliseconds();
  const time = `${two(date.getUTCHours())}:${two(date.getUTCMinutes())}:${two(date.getUTCSeconds())}`;
  return ms === 0 ? time : `${time}.${String(ms).padStart(3, '0')}`;
}

/** Serial number of a wall-clock time in the system of 1900; undefined for what that calendar does not have. */
export function serialOfWallTime(wallMs: number): number | undefined {
  const serial = (wallMs - Date.UTC(1899, 11, 30)) / dayMs;
  // Before March 1900 Excel's calendar is a day off; such dates are written as text.
  return serial >= 61 && serial < lastSerial ? serial : undefined;
}
