import { momentOf, wallTimeOf } from './zoned-time.js';

const iso = (at: number | undefined) => (at === undefined ? undefined : new Date(at).toISOString());

describe('times of a zone', () => {
  it.each([
    ['2026-11-22T06:05', 'UTC', '2026-11-22T06:05:00.000Z'],
    ['2026-11-22T06:05:09', 'Asia/Tokyo', '2026-11-21T21:05:09.000Z'],
    ['2026-07-01T00:00', 'America/St_Johns', '2026-07-01T02:30:00.000Z'],
    // Put back: 02:30 comes twice, the first time in summer time.
    ['2026-10-25T02:30', 'Europe/Berlin', '2026-10-25T00:30:00.000Z'],
    ['2026-10-25T03:00', 'Europe/Berlin', '2026-10-25T02:00:00.000Z'],
    // Put forward: 02:30 does not come.
    ['2026-03-29T02:30', 'Europe/Berlin', undefined],
    ['2026-03-29T03:00', 'Europe/Berlin', '2026-03-29T01:00:00.000Z'],
    ['tomorrow', 'UTC', undefined],
    ['', 'UTC', undefined],
  ])('%s in %s is %s', (wallTime, timeZone, moment) => expect(iso(momentOf(wallTime, timeZone))).toBe(moment));

  it('are what clocks show', () => {
    expect(wallTimeOf(Date.UTC(2026, 10, 21, 15), 'Asia/Tokyo')).toBe('2026-11-22T00:00:00');
  });
});
