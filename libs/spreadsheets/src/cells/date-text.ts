const months = ['jan', 'feb', 'mar', 'apr', 'may', 'jun', 'jul', 'aug', 'sep', 'oct', 'nov', 'dec'];

/** Wall-clock milliseconds, or UTC when the text itself says its offset. */
export interface ReadTime {
  ms: number;
  isUtc: boolean;
  hasTime: boolean;
}

function midnight(year: number, month: number, day: number): number | undefined {
  const ms = Date.UTC(year, month - 1, day);
  const date = new Date(ms);
  // Date.UTC takes years below 100 for 19xx and rolls over what is no day.
  const same = date.getUTCFullYear() === year && date.getUTCMonth() === month - 1 && date.getUTCDate() === day;
  return same ? ms : undefined;
}

const timePart = /^[T ]\s*(\d{1,2}):(\d{2})(?::(\d{2})(?:[.,](\d{1,9}))?)?\s*([ap]\.?m\.?)?\s*(Z|[+-]\d{2}:?\d{2})?$/i;

function withTime(day: number, rest: string): ReadTime | undefined {
  if (rest.trim() === '') return { ms: day, isUtc: false, hasTime: false };
  const match = timePart.exec(rest);
  if (!match) return undefined;
  const [, h = '', m = '', s = '0', fraction = '', half, offset] = match;
  let hour = Number(h);
  if (half) {
    if (hour < 1 || hour > 12) return undefined;
    hour = (hour % 12) + (half.toLowerCase().startsWith('p') ? 12 : 0);
  }
  const [minute, second] = [Number(m), Number(s)];
  if (hour > 23 || minute > 59 || second > 59) return undefined;
  const ms = day + ((hour * 60 + minute) * 60 + second) * 1000 + Number(fraction.slice(0, 3).padEnd(3, '0'));
  if (!offset) return { ms, isUtc: false, hasTime: true };
  if (/z/i.test(offset)) return { ms, isUtc: true, hasTime: true };
  const minutes = Number(offset.slice(1, 3)) * 60 + Number(offset.slice(-2));
  if (minutes > 14 * 60) return undefined;
  return { ms: ms - Math.sign(Number(`${offset[0]}1`)) * minutes * 60_000, isUtc: true, hasTime: true };
}

const iso = /^(\d{4})-(\d{2})-(\d{2})(.*)$/s;

/** ISO 8601, with a space for the T as well. */
export function readIsoTime(text: string): ReadTime | undefined {
  const match = iso.exec(text);
  if (!match) return undefined;
  const day = midnight(Number(match[1]), Number(match[2]), Number(match[3]));
  return day === undefined ? undefined : withTime(day, match[4] ?? '');
}

export type DateReader = (text: string) => ReadTime | undefined;

const parts: Record<string, string> = {
  YYYY: '(?<year>\\d{4})',
  YY: '(?<short>\\d{2})',
  MMM: '(?<name>[A-Za-z]{3,9})\\.?',
  MM: '(?<month>\\d{1,2})',
  M: '(?<month>\\d{1,2})',
  DD: '(?<day>\\d{1,2})',
  D: '(?<day>\\d{1,2})',
};

/**
 * Reads texts of one format: D, DD, M, MM, MMM (English), YY (1970 … 2069), YYYY and separators, with a time behind it or without.
 */
export function dateReader(format: string): DateReader {
  const source = format.replace(/YYYY|YY|MMM|MM|M|DD|D|[^A-Za-z]/g, (part) => parts[part] ?? `\\${part}`);
  const shape = new RegExp(`^${source}(?<rest>(?:[T ].*)?)$`, 's');
  return (text) => {
    const found = shape.exec(text)?.groups;
    if (!found) return undefined;
    const short = Number(found.short);
    const year = found.year === undefined ? short + (short < 70 ? 2000 : 1900) : Number(found.year);
    const month =
      found.name === undefined ? Number(found.month) : months.indexOf(found.name.slice(0, 3).toLowerCase()) + 1;
    const day = month === 0 ? undefined : midnight(year, month, Number(found.day));
    return day === undefined ? undefined : withTime(day, found.rest ?? '');
  };
}
