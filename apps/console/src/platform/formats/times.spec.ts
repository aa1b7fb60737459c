import { formatAge, formatDuration, formatPeriod, formatTime } from './times.js';

describe('durations', () => {
  it.each([
    [850, '850 ms'],
    [3_210, '3.2 s'],
    [59_600, '1 min'],
    [245_000, '4 min 5 s'],
    [7_800_000, '2 h 10 min'],
    [273_600_000, '3 d 4 h'],
  ])('%i ms is %s', (ms, text) => expect(formatDuration(ms)).toBe(text));
});

describe('ages', () => {
  const now = Date.UTC(2026, 10, 22, 12);
  it.each([
    [-200, 'now'],
    [1_500, 'now'],
    [-5_900, '5 s ago'],
    [-125_000, '2 min ago'],
    [180_000, 'in 3 min'],
  ])('%i ms from now is %s', (ms, text) => expect(formatAge(now + ms, now)).toBe(text));
});

it('times are those of the zone', () => {
  expect(formatTime('2026-01-31T23:30:00Z', 'Asia/Tokyo')).toMatch(/^01 Feb 2026, 08:30:00/);
});

it.each([
  ['2026-06-22', '2026-06-29', '22–28 Jun 2026'],
  ['2026-06-29', '2026-07-06', '29 Jun–5 Jul 2026'],
  ['2026-12-28', '2027-01-04', '28 Dec 2026–3 Jan 2027'],
])('the week from %s until before %s is %s', (start, end, text) => {
  // The blanks around the dash are the ICU version's.
  expect(
    formatPeriod(start, end)
      .replaceAll(/\s*–\s*/g, '–')
      .replaceAll(/\s/g, ' '),
  ).toBe(text);
});
