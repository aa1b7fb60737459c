import type { ImportTradesRequest } from '@roundhouse/contracts';
import { importWindow } from './import-window.js';

const startedAt = new Date('2026-03-31T12:00:00Z');
const connection: ImportTradesRequest = { userId: 'ada', source: { $case: 'connectionId', value: 'c' } };
const file: ImportTradesRequest = {
  userId: 'ada',
  source: { $case: 'file', value: { storageKey: 'k', name: '', format: 2 } },
};

it('takes the last 30 days of a connection and all of a file', () => {
  expect(importWindow(connection, startedAt)).toEqual({ since: new Date('2026-03-01T12:00:00Z'), until: startedAt });
  const all = importWindow(file, startedAt);
  expect(all.since.getTime()).toBe(0);
  expect(all.until.getTime()).toBeGreaterThan(startedAt.getTime());
});

it('takes the bounds that are given', () => {
  const since = new Date('2026-01-01T00:00:00Z');
  expect(importWindow({ ...connection, since }, startedAt)).toEqual({ since, until: startedAt });
  const until = new Date('2026-02-01T00:00:00Z');
  expect(importWindow({ ...connection, until }, startedAt).since).toEqual(new Date('2026-01-02T00:00:00Z'));
  expect(importWindow({ ...file, since, until }, startedAt)).toEqual({ since, until });
});

it('refuses a window that is empty', () => {
  expect(() => importWindow({ ...file, since: startedAt, until: startedAt }, startedAt)).toThrow('must be before');
});
