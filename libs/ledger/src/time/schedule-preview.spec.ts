import { previewSchedule } from './schedule-preview.js';

const preview = (cron: string, time_zone: string, from: string, until: string, limit = 100) => {
  const span = { from: new Date(from), until: new Date(until), limit };
  const { times, changes, next } = previewSchedule({ cron, time_zone }, span);
  return {
    times: times.map(({ at, change }) => `${at.toISOString().slice(5, 16)}${change ? ` ${change.kind}` : ''}`),
    changes: changes.map(({ at, kind, shown }) =>
      [at.toISOString().slice(5, 16), kind, new Date(shown.from).toISOString().slice(11, 16)].join(' '),
    ),
    next: next?.toISOString(),
  };
};

it('marks both passes of an hour that is shown twice', () => {
  expect(preview('0 * * * *', 'Europe/Berlin', '2026-10-24T23:00Z', '2026-10-25T03:00Z')).toEqual({
    times: ['10-24T23:00', '10-25T00:00 repeated', '10-25T01:00 repeated', '10-25T02:00'],
    changes: ['10-25T01:00 repeated 02:00'],
    next: undefined,
  });
});

it('marks what is made up for after hours that are skipped', () => {
  expect(preview('30 2 * * *', 'Europe/Berlin', '2026-03-28T00:00Z', '2026-03-31T00:00Z').times).toEqual([
    '03-28T01:30',
    '03-29T01:00 skipped',
    '03-30T00:30',
  ]);
  expect(preview('0 1 * * *', 'Antarctica/Troll', '2026-03-29T00:00Z', '2026-03-30T00:00Z')).toEqual({
    times: ['03-29T01:00 skipped', '03-29T23:00'],
    changes: ['03-29T01:00 skipped 01:00'],
    next: undefined,
  });
});

it('marks a time also when the change lies outside of the span', () => {
  const { times, changes } = preview('15 2 * * *', 'Europe/Berlin', '2026-10-25T00:00Z', '2026-10-25T00:30Z');
  expect([times, changes]).toEqual([['10-25T00:15 repeated'], []]);
});

it('begins with the first instant, ends before the last one, and says where it goes on', () => {
  const [from, until] = ['2026-11-01T00:00:00Z', '2026-11-01T00:10:00Z'];
  const first = preview('*/2 * * * *', 'UTC', from, until, 3);
  expect([first.times, first.next]).toEqual([
    ['11-01T00:00', '11-01T00:02', '11-01T00:04'],
    '2026-11-01T00:06:00.000Z',
  ]);
  const second = preview('*/2 * * * *', 'UTC', first.next as string, until, 3);
  expect([second.times, second.next]).toEqual([['11-01T00:06', '11-01T00:08'], undefined]);
});

it('is empty when the expression is not due, or its zone is not known here', () => {
  const [from, until] = ['2026-11-01T00:00:00Z', '2026-11-02T00:00:00Z'];
  expect(preview('0 0 1 1 *', 'UTC', from, until)).toEqual({ times: [], changes: [], next: undefined });
});
