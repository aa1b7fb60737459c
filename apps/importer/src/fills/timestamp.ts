import { JobFailure } from '@roundhouse/jobs';
import { DateTime, IANAZone } from 'luxon';
import { plausibleTime } from './fill-fields.js';
import { RowProblem } from './row-problem.js';

const EPOCH_SECONDS = /^\d{9,10}(\.\d{1,9})?$/;
const EPOCH_MILLISECONDS = /^\d{12,13}$/;
const ISO =
  /^(\d{4})[-/](\d{2})[-/](\d{2})(?:[T ]+(\d{2}:\d{2}(?::\d{2}(?:[.,]\d{1,9})?)?))? ?(Z|UTC|[+-]\d{2}:?\d{2})?$/i;

/** An IANA zone, '' for UTC; throws INVALID_INPUT naming `field`. */
export function zoneOf(field: string, name: string): string {
  if (name === '') return 'UTC';
  if (IANAZone.isValidZone(name)) return name;
  throw new JobFailure('INVALID_INPUT', `"${name}" is not an IANA time zone; give one like America/New_York`, {
    field,
  });
}

/**
 * A time in epoch seconds or milliseconds, ISO 8601, or `YYYY-MM-DD HH:MM:SS`; without an offset it is local time in
 * `zone`, without a time of day the start of that day. In the hour that a zone repeats in autumn the first pass is
 * meant; a time that spring skips counts from before the change.
 */
export function timestampOf(column: string, text: string, zone: string): Date {
  const value = text.trim();
  if (EPOCH_SECONDS.test(value)) return plausibleTime(column, text, new Date(Number(value) * 1_000));
  if (EPOCH_MILLISECONDS.test(value)) return plausibleTime(column, text, new Date(Number(value)));
  const [whole, year, month, day, time, offset] = ISO.exec(value) ?? [];
  const at = whole
    ? DateTime.fromISO(
        `${year}-${month}-${day}${time ? `T${time}${/utc/i.test(offset ?? '') ? 'Z' : (offset ?? '')}` : ''}`,
        {
          zone,
        },
      )
    : undefined;
  if (!at?.isValid)
    throw new RowProblem(
      column,
      text,
      value === '' ? `${column} is empty; give a time` : `${column} is not a time; write it like 2026-01-31 15:30:00`,
    );
  return plausibleTime(column, text, firstPass(at));
}

/** The earlier of two instants that share a local time; luxon alone decides by today's offset, which differs by season. */
export function firstPass(at: DateTime): Date {
  return new Date(Math.min(...at.getPossibleOffsets().map((one) => one.toMillis())));
}
