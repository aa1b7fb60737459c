import fc from 'fast-check';
import { DateTime } from 'luxon';
import { InvalidCron, nextFireTime } from './cron.js';

function fireTimes(expression: string, zone: string, from: string | Date, count: number): string[] {
  const times: string[] = [];
  let after = new Date(from);
  while (times.length < count) {
    after = nextFireTime(expression, zone, after);
    times.push(after.toISOString().replace(':00.000Z', 'Z'));
  }
  return times;
}

it.each([
  // every day at a time of the clock
  ['30 8 * * *', 'UTC', '2026-11-22T08:30Z', ['2026-11-23T08:30Z', '2026-11-24T08:30Z']],
  ['0 9 * * MON', 'Asia/Kathmandu', '2026-11-22T00:00Z', ['2026-11-23T03:15Z', '2026-11-30T03:15Z']],
  ['0 0 1 * *', 'Pacific/Auckland', '2026-11-22T00:00Z', ['2026-11-30T11:00Z', '2026-12-31T11:00Z']],
  ['0 0 L * *', 'UTC', '2028-02-01T00:00Z', ['2028-02-29T00:00Z', '2028-03-31T00:00Z']],
  ['0 12 * * 1-5', 'America/Los_Angeles', '2026-11-20T20:00Z', ['2026-11-23T20:00Z', '2026-11-24T20:00Z']],
  ['@daily', 'Europe/Berlin', '2026-11-22T00:00Z', ['2026-11-22T23:00Z', '2026-11-23T23:00Z']],
  // the clock leaps forward: what lies in the gap runs once, right after it
  ['30 2 * * *', 'Europe/Berlin', '2026-03-28T12:00Z', ['2026-03-29T01:00Z', '2026-03-30T00:30Z']],
  ['*/20 2 * * *', 'Europe/Berlin', '2026-03-28T12:00Z', ['2026-03-29T01:00Z', '2026-03-30T00:00Z']],
  [
    '30 2,3 * * *',
    'Europe/Berlin',
    '2026-03-28T12:00Z',
    ['2026-03-29T01:00Z', '2026-03-29T01:30Z', '2026-03-30T00:30Z'],
  ],
  ['0 3 * * *', 'Europe/Berlin', '2026-03-28T12:00Z', ['2026-03-29T01:00Z', '2026-03-30T01:00Z']],
  ['30 2 * * *', 'America/New_York', '2026-03-07T12:00Z', ['2026-03-08T07:00Z', '2026-03-09T06:30Z']],
  ['15 2 * * *', 'Australia/Lord_Howe', '2026-10-03T00:00Z', ['2026-10-03T15:30Z', '2026-10-04T15:15Z']],
  ['0 0 * * *', 'America/Sao_Paulo', '2018-11-03T12:00Z', ['2018-11-04T03:00Z', '2018-11-05T02:00Z']],
  [
    '*/30 * * * *',
    'Europe/Berlin',
    '2026-03-29T00:15Z',
    ['2026-03-29T00:30Z', '2026-03-29T01:00Z', '2026-03-29T01:30Z'],
  ],
  // the clock is turned back: what it shows twice runs once
  ['30 2 * * *', 'Europe/Berlin', '2026-10-24T12:00Z', ['2026-10-25T00:30Z', '2026-10-26T01:30Z']],
  [
    '*/30 1-2 * * *',
    'Europe/Berlin',
    '2026-10-24T23:15Z',
    ['2026-10-24T23:30Z', '2026-10-25T00:00Z', '2026-10-25T00:30Z', '2026-10-26T00:00Z'],
  ],
  ['30 1 * * *', 'America/New_York', '2026-10-31T12:00Z', ['2026-11-01T05:30Z', '2026-11-02T06:30Z']],
  ['45 1 * * *', 'Australia/Lord_Howe', '2026-04-04T00:00Z', ['2026-04-04T14:45Z', '2026-04-05T15:15Z']],
  // every hour means every hour that passes
  ['0 * * * *', 'Europe/Berlin', '2026-10-24T23:30Z', ['2026-10-25T00:00Z', '2026-10-25T01:00Z', '2026-10-25T02:00Z']],
])('%s in %s after %s', (expression, zone, after, expected) => {
  expect(fireTimes(expression, zone, after, expected.length)).toEqual(expected);
});

it.each([
  ['61 * * * *', 'UTC'],
  ['every day', 'UTC'],
  ['', 'UTC'],
  ['* * * * *', 'Mars/Phobos'],
  ['0 0 30 2 *', 'UTC'],
  ['0 0 0 1 1 * 2020', 'UTC'],
])('refuses "%s" in %s', (expression, zone) => {
  expect(() => nextFireTime(expression, zone, new Date('2026-11-22T00:00:00Z'))).toThrow(InvalidCron);
});

/** What must run in a span of time, minute by minute of the clock. */
function expectedTimes(minutes: number[], hours: number[], zone: string, from: number, to: number): Set<number> {
  const times = new Set<number>();
  const step = 60_000;
  let previous = DateTime.fromMillis(from - step, { zone });
  for (let at = from; at < to; at += step) {
    const now = DateTime.fromMillis(at, { zone });
    const leap = now.offset - previous.offset;
    const due = (t: DateTime) => minutes.includes(t.minute) && hours.includes(t.hour);
    if (leap > 0) {
      const gapStart = previous.plus({ minutes: 1 }).setZone('utc', { keepLocalTime: true }).minus({ minutes: leap });
      for (let m = 0; m < leap; m += 1) if (due(gapStart.plus({ minutes: m }))) times.add(at);
    }
    const [first] = now.getPossibleOffsets();
    if (due(now) && first?.toMillis() === at) times.add(at);
    previous = now;
  }
  return times;
}

it('agrees with a walk through every minute of both changes of the clock', () => {
  const changes: [string, string][] = [
    ['Europe/Berlin', '2026-03-28T20:00:00Z'],
    ['Europe/Berlin', '2026-10-24T20:00:00Z'],
    ['America/New_York', '2026-03-08T02:00:00Z'],
    ['America/New_York', '2026-11-01T01:00:00Z'],
    ['Australia/Lord_Howe', '2026-10-03T10:00:00Z'],
    ['Australia/Lord_Howe', '2026-04-04T10:00:00Z'],
    ['America/Sao_Paulo', '2018-11-03T20:00:00Z'],
    ['UTC', '2026-03-28T20:00:00Z'],
  ];
  const fields = fc.record({
    change: fc.constantFrom(...changes),
    minutes: fc.uniqueArray(fc.integer({ min: 0, max: 59 }), { minLength: 1, maxLength: 3 }),
    hours: fc.uniqueArray(fc.integer({ min: 0, max: 4 }), { minLength: 1, maxLength: 4 }),
  });
  fc.assert(
    fc.property(fields, ({ change: [zone, start], minutes, hours }) => {
      const from = Date.parse(start);
      const to = from + 14 * 3_600_000;
      const wanted = [...expectedTimes(minutes, hours, zone, from, to)];
      const found: number[] = [];
      for (let at = nextFireTime(`${minutes} ${hours} * * *`, zone, new Date(from - 1)); at.getTime() < to;) {
        found.push(at.getTime());
        at = nextFireTime(`${minutes} ${hours} * * *`, zone, at);
      }
      expect(found).toEqual(wanted);
    }),
    { numRuns: 60, verbose: true },
  );
});
