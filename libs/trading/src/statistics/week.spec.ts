import { datesOfWeek, lastCompleteWeek, weekOf } from './week.js';

const hours = (week: { since: Date; until: Date }) => (week.until.getTime() - week.since.getTime()) / 3_600_000;

describe('weekOf', () => {
  it('has 167 hours when clocks go forward and 169 when they go back', () => {
    const spring = weekOf('2026-03-08', 'America/New_York');
    expect([spring.start, spring.end, hours(spring)]).toEqual(['2026-03-02', '2026-03-09', 167]);
    expect(spring.since.toISOString()).toBe('2026-03-02T05:00:00.000Z');
    expect(spring.until.toISOString()).toBe('2026-03-09T04:00:00.000Z');
    const autumn = weekOf('2026-10-25', 'Europe/Berlin');
    expect([autumn.start, autumn.end, hours(autumn)]).toEqual(['2026-10-19', '2026-10-26', 169]);
  });

  it('is half-open: Monday 00:00 belongs to the new week, the moment before to the old one', () => {
    const { since } = weekOf('2026-06-22', 'Asia/Tokyo');
    expect(weekOf(since, 'Asia/Tokyo').start).toBe('2026-06-22');
    expect(weekOf(new Date(since.getTime() - 1), 'Asia/Tokyo').start).toBe('2026-06-15');
  });

  it('is the week of the zone, not of UTC', () => {
    const mondayMorningInAuckland = new Date('2026-06-21T13:00:00Z');
    expect(weekOf(mondayMorningInAuckland, 'Pacific/Auckland').start).toBe('2026-06-22');
    expect(weekOf(mondayMorningInAuckland, 'UTC').start).toBe('2026-06-15');
  });

  it('names what is wrong', () => {
    expect(() => weekOf('2026-02-30', 'UTC')).toThrow('2026-02-30');
    expect(() => weekOf('2026-02-20', 'Mars/Olympus')).toThrow('Mars/Olympus');
  });
});

it('the last complete week ends at or before now', () => {
  expect(lastCompleteWeek(new Date('2026-06-29T04:00:00Z'), 'America/New_York').start).toBe('2026-06-22');
  expect(lastCompleteWeek(new Date('2026-06-29T03:59:59Z'), 'America/New_York').start).toBe('2026-06-15');
});

it('lists the dates of a week', () => {
  expect(datesOfWeek(weekOf('2026-03-04', 'America/New_York'))).toEqual(
    [2, 3, 4, 5, 6, 7, 8].map((day) => `2026-03-0${day}`),
  );
});
