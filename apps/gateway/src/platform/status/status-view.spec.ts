import type { SharedJob } from '@roundhouse/ledger';
import { errorForPeople, statusView } from './status-view.js';

const at = (seconds: number) => new Date(1_800_000_000_000 + seconds * 1000);
const job: SharedJob = {
  kind: 'platform.probe',
  state: 'running',
  attempt: 1,
  progress: 25,
  progress_message: 'row 100 of 400',
  error: null,
  result: null,
  run_at: at(0),
  created_at: at(0),
  started_at: at(10),
  finished_at: null,
  cancel_requested_at: null,
  updated_at: at(20),
  revoked_links: [],
  now: at(20),
};
const view = (change: Partial<SharedJob>) =>
  statusView('ref', { ...job, ...change }, undefined, { text: '400 rows', downloads: [] });

it('estimates the end from how far a first attempt has come', () => {
  // A quarter took 10 s: 30 s are left, give or take.
  expect(view({}).eta).toEqual({ earliest: at(44).toISOString(), latest: at(65).toISOString() });
});

it.each([
  ['a later attempt, which found work done', { attempt: 2 }],
  ['too little progress', { progress: 4 }],
  ['too little time', { now: at(11) }],
  ['a job that is told to stop', { cancel_requested_at: at(15) }],
  ['a job that is done', { state: 'succeeded' as const, finished_at: at(20) }],
])('does not guess for %s', (_, change) => {
  expect(view(change).eta).toBeNull();
});

it('shows percent and message of what is under way, the outcome of what is done, and nothing of what failed', () => {
  expect(view({})).toMatchObject({ percent: 25, message: 'row 100 of 400', stage: 'Working' });
  expect(view({ state: 'succeeded', finished_at: at(20) })).toMatchObject({ percent: 100, message: '400 rows' });
  expect(view({ state: 'dead', finished_at: at(20) })).toMatchObject({ percent: null, message: '', stage: 'Failed' });
});

it('says why it waits without naming anything', () => {
  const explained = (holdup: object) =>
    statusView('ref', { ...job, state: 'blocked' }, { holdup } as never, { text: '', downloads: [] }).stage;
  const slot = { type: 'slot', key: 'acme:mesh', used: 4, limit: 4, holders: [] };
  expect(explained({ ...slot, ahead: 12 })).toBe('Waiting: 12 ahead of it');
  expect(explained({ ...slot, ahead: 0 })).toBe('Waiting: it is next');
  expect(explained({ type: 'pause', scope: 'queue', value: 'mesh' })).toBe('Paused for the moment');
  expect(explained({ type: 'backlog', queue: 'mesh', ahead: 0, consumed: true })).toBe('Waiting: it is next');
  expect(explained({ type: 'backlog', queue: 'mesh', ahead: 0, consumed: false })).toBe(
    'Waiting: nothing works on jobs like this one at the moment',
  );
  const trouble = { what: 'away', reason: '', forMs: 1 };
  expect(explained({ type: 'broker', queue: 'mesh', trouble })).toBe(
    'Waiting: a part of the system is away at the moment',
  );
  expect(explained({ type: 'unknown', on: 'x' })).toBe('Waiting');
});

it.each(['INTERNAL', 'UNAVAILABLE', 'TIMEOUT', 'LOST', 'POISON', 'SOMETHING_NEW'])(
  'does not pass on what %s says: it may tell of the inside',
  (code) => {
    const sentence = errorForPeople({ code, message: 'ECONNREFUSED 10.0.0.7:5432' });
    expect(sentence).not.toContain('10.0.0.7');
    expect(sentence).toMatch(/^[A-Z].*\.$/);
  },
);
