import { nextFireTime } from './cron.js';

/*
 * The rule once more, in other words: a walk through real minutes that asks the machine what the clock shows. `hours` are
 * those of the expression; what it does when the clock changes follows from them alone.
 */
const dayMs = 86_400_000;
const minuteMs = 60_000;

const all = Array.from({ length: 24 }, (_, hour) => hour);
const every = (step: number, first = 0) => all.filter((hour) => hour % step === first);
const quarters = [0, 15, 30, 45];

/** Expression, its minutes, its hours, and what its author means. */
const expressions: [string, number[], number[], 'every hour' | 'interval' | 'times of the day'][] = [
  ['0 * * * *', [0], all, 'every hour'],
  ['0 */1 * * *', [0], all, 'every hour'],
  ['0 0-23 * * *', [0], all, 'every hour'],
  ['0 0-23/1 * * *', [0], all, 'every hour'],
  ['0 0-11,12-23 * * *', [0], all, 'every hour'],
  ['0 0 */1 * * *', [0], all, 'every hour'],
  ['@hourly', [0], all, 'every hour'],
  ['*/15 */1 * * *', quarters, all, 'every hour'],
  ['20,50 0-23 * * *', [20, 50], all, 'every hour'],
  ['0 */2 * * *', [0], every(2), 'interval'],
  ['0 0-22/2 * * *', [0], every(2), 'interval'],
  ['30 1-23/2 * * *', [30], every(2, 1), 'interval'],
  ['*/15 */3 * * *', quarters, every(3), 'interval'],
  ['45 2,6,10,14,18,22 * * *', [45], every(4, 2), 'interval'],
  ['15 */12 * * *', [15], every(12), 'interval'],
  ['0 */5 * * *', [0], [0, 5, 10, 15, 20], 'times of the day'],
  ['0 1-23 * * *', [0], all.slice(1), 'times of the day'],
  ['30 0 * * *', [30], [0], 'times of the day'],
  ['30 1 * * *', [30], [1], 'times of the day'],
  ['*/15 2 * * *', quarters, [2], 'times of the day'],
  ['0 2,3 * * *', [0], [2, 3], 'times of the day'],
  ['45 23 * * *', [45], [23], 'times of the day'],
];

interface Minute {
  at: number;
  /** Minutes since 1970 by the clock on the wall. */
  shown: number;
}

function shownBy(zone: string): (at: number) => number {
  const fields = { year: 'numeric', month: 'numeric', day: 'numeric', hour: 'numeric', minute: 'numeric' } as const;
  const format = new Intl.DateTimeFormat('en-US', { timeZone: zone, hourCycle: 'h23', ...fields });
  return (at) => {
    const part = Object.fromEntries(format.formatToParts(at).map(({ type, value }) => [type, Number(value)]));
    return Date.UTC(part.year!, part.month! - 1, part.day, part.hour, part.minute) / minuteMs;
  };
}

/** Two days of minutes around every change of a zone's clock in a year. */
function changesOf(zone: string): Minute[][] {
  const shown = shownBy(zone);
  const ahead = (at: number) => shown(at) - at / minuteMs;
  const days = Array.from({ length: 365 }, (_, day) => Date.UTC(2026, 0, 1) + day * dayMs);
  return days
    .filter((day) => ahead(day) !== ahead(day + dayMs))
    .map((day) =>
      Array.from({ length: 2 * 1440 }, (_, minute) => day - dayMs / 2 + minute * minuteMs).map((at) => ({
        at,
        shown: shown(at),
      })),
    );
}

function expected(walk: readonly Minute[], minutes: number[], hours: number[], meant: string): string[] {
  const due = (shown: number) => minutes.includes(shown % 60) && hours.includes(Math.floor(shown / 60) % 24);
  const seen = new Set<number>();
  const times: string[] = [];
  let before = walk[0]!.shown - 1;
  for (const { at, shown } of walk) {
    const skipped = Array.from({ length: Math.max(0, shown - before - 1) }, (_, index) => before + 1 + index);
    const made = meant !== 'every hour' && skipped.some(due);
    if (made || (due(shown) && (meant !== 'times of the day' || !seen.has(shown))))
      times.push(new Date(at).toISOString());
    seen.add(shown);
    before = shown;
  }
  return times;
}

function found(expression: string, zone: string, walk: readonly Minute[]): string[] {
  const [first, last] = [walk[0]!.at, walk.at(-1)!.at];
  const times: string[] = [];
  for (let at = nextFireTime(expression, zone, new Date(first - 1)); at.getTime() <= last;) {
    times.push(at.toISOString());
    at = nextFireTime(expression, zone, at);
  }
  return times;
}

describe.each([
  'Europe/Berlin',
  'America/New_York',
  'America/Havana',
  'Africa/Cairo',
  'Africa/Casablanca', // the clock is turned back for Ramadan
  'Antarctica/Troll', // by two hours
  'Australia/Lord_Howe', // by half an hour
  'Pacific/Chatham', // between quarters of an hour
  'America/Santiago',
])('when the clock changes in %s', (zone) => {
  const walks = changesOf(zone);

  it('there are changes to look at', () => {
    expect(walks.length).toBeGreaterThanOrEqual(2);
  });

  it.each(expressions)('%s', (expression, minutes, hours, meant) => {
    for (const walk of walks) expect(found(expression, zone, walk)).toEqual(expected(walk, minutes, hours, meant));
  });
});
