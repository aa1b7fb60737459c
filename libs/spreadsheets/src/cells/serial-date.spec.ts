import { dateReader, readIsoTime } from './date-text.js';
import { formatOfCode } from './number-format.js';
import { isoDate, isoTime, serialOfWallTime, wallTimeOfSerial } from './serial-date.js';
import { utcOfWallTime, wallTimeOfUtc } from './zone-time.js';

const day = (serial: number, system: '1900' | '1904' = '1900') => {
  const ms = wallTimeOfSerial(serial, system);
  return ms === undefined ? undefined : `${isoDate(ms)} ${isoTime(ms)}`;
};

it('reads serial numbers by the calendar of 1900, whose 29 February never was', () => {
  expect([1, 59, 60, 61, 44197, 44197.75].map((serial) => day(serial))).toEqual([
    '1900-01-01 00:00:00',
    '1900-02-28 00:00:00',
    undefined,
    '1900-03-01 00:00:00',
    '2021-01-01 00:00:00',
    '2021-01-01 18:00:00',
  ]);
  expect([-1, 2_958_466, Number.NaN].map((serial) => day(serial))).toEqual([undefined, undefined, undefined]);
});

it('reads them by the calendar of 1904', () => {
  expect([0, 42735].map((serial) => day(serial, '1904'))).toEqual(['1904-01-01 00:00:00', '2021-01-01 00:00:00']);
});

it('writes what it reads', () => {
  for (const serial of [61, 44197.5, 2_958_465])
    expect(serialOfWallTime(wallTimeOfSerial(serial, '1900')!)).toBe(serial);
  expect(serialOfWallTime(Date.UTC(1900, 0, 15))).toBeUndefined();
});

it.each([
  ['yyyy-mm-dd', 'date'],
  ['d.m.yy h:mm', 'datetime'],
  ['h:mm:ss', 'time'],
  ['[h]:mm', 'time'],
  ['[Red]#,##0.00', undefined],
  ['0.00E+00', undefined],
  ['"day" 0', undefined],
  ['00000', { zeros: 5 }],
  ['General', undefined],
  ['mmm\\ yyyy', 'date'],
  ['[$-409]d-mmm-yy;@', 'date'],
])('takes the format %j for %j', (code, format) => {
  expect(formatOfCode(code)).toEqual(format);
});

it('reads dates as people write them', () => {
  const read = (format: string, text: string) => {
    const found = dateReader(format)(text);
    return found && isoDate(found.ms);
  };
  expect(read('DD.MM.YYYY', '31.1.2026')).toBe('2026-01-31');
  expect(read('MM/DD/YYYY', '1/31/2026')).toBe('2026-01-31');
  expect(read('D MMM YYYY', '5 March 2026')).toBe('2026-03-05');
  expect(read('DD/MM/YY', '01/02/69')).toBe('2069-02-01');
  expect(read('DD.MM.YYYY', '31.2.2026')).toBeUndefined();
  expect(readIsoTime('2026-01-31T10:00:00+02:00')).toEqual({
    ms: Date.UTC(2026, 0, 31, 8),
    isUtc: true,
    hasTime: true,
  });
  expect(readIsoTime('2026-01-31 10:30 pm')?.ms).toBe(Date.UTC(2026, 0, 31, 22, 30));
});

it('knows the clock changes of a zone', () => {
  const utc = (text: string) => new Date(utcOfWallTime(Date.parse(`${text}Z`), 'Europe/Vienna')).toISOString();
  expect(utc('2026-01-31T12:00:00')).toBe('2026-01-31T11:00:00.000Z');
  expect(utc('2026-07-01T12:00:00')).toBe('2026-07-01T10:00:00.000Z');
  // Skipped, and twice.
  expect(utc('2026-03-29T02:30:00')).toBe('2026-03-29T01:30:00.000Z');
  expect(utc('2026-10-25T02:30:00')).toBe('2026-10-25T00:30:00.000Z');
  expect(wallTimeOfUtc(Date.UTC(2026, 6, 1, 10), 'Europe/Vienna')).toBe(Date.UTC(2026, 6, 1, 12));
});
