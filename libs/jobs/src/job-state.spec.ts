import { defaultRetryPolicy } from '@roundhouse/contracts';
import {
  defaultJobRules,
  longestBrokerWaitMs,
  newJob,
  transition,
  type JobInput,
  type JobRules,
  type JobState,
  type JobStatus,
} from './index.js';

const now = 1_000_000;
const rules: JobRules = { ...defaultJobRules, retry: { ...defaultRetryPolicy, maxAttempts: 3 }, errorRules: [] };
const half = () => 0.5;

/** A job in `state` that has been granted twice and failed once. */
function job(state: JobState, patch: Partial<JobStatus> = {}): JobStatus {
  const { status } = newJob(now - 1_000, now);
  const common: JobStatus = { ...status, state, attempt: 2, failures: 1, runAt: now - 1_000 };
  const running = { leaseUntil: now + 20_000, dueAt: now + 20_000, workerId: 'w1' };
  const waiting = { runAt: now + 5_000, dueAt: now + 35_000 };
  const of: Partial<Record<JobState, Partial<JobStatus>>> = {
    running,
    retrying: waiting,
    scheduled: { runAt: now + 5_000, dueAt: now + 5_000 },
    blocked: { blockedOn: 'slot:a' },
  };
  return { ...common, ...of[state], ...patch };
}

const states = ['scheduled', 'queued', 'running', 'retrying', 'blocked', 'succeeded', 'dead', 'cancelled'] as const;
const retryable = { code: 'UNAVAILABLE' as const, retryable: true, retryAfterMs: undefined };
const final = { ...retryable, retryable: false };

const inputs: Record<string, JobInput> = {
  claim: { type: 'claim', workerId: 'w2', redelivered: false, graceMs: 1_000 },
  redelivered: { type: 'claim', workerId: 'w2', redelivered: true, graceMs: 1_000 },
  'own claim': { type: 'claim', workerId: 'w1', redelivered: true, graceMs: 1_000 },
  assert: { type: 'assert', attempt: 2 },
  'old assert': { type: 'assert', attempt: 1 },
  succeeded: { type: 'succeeded', attempt: 2 },
  'old success': { type: 'succeeded', attempt: 1 },
  'success of none': { type: 'succeeded', attempt: 0 },
  'success to come': { type: 'succeeded', attempt: 3 },
  failed: { type: 'failed', attempt: 2, failure: retryable },
  'failed for good': { type: 'failed', attempt: 2, failure: final },
  'old failure': { type: 'failed', attempt: 1, failure: final },
  released: { type: 'released', attempt: 2 },
  'old release': { type: 'released', attempt: 1 },
  snoozed: { type: 'snoozed', attempt: 2, delayMs: 60_000 },
  throttled: { type: 'throttled', attempt: 2, bucket: 'b', delayMs: 60_000 },
  discarded: { type: 'discarded', attempt: 2 },
  aborted: { type: 'aborted', attempt: 2 },
  report: { type: 'report', attempt: 2 },
  'old report': { type: 'report', attempt: 1 },
  cancel: { type: 'cancel' },
  poison: { type: 'poison' },
  hold: { type: 'hold', on: 'token:b', until: now + 9_000 },
  yield: { type: 'yield' },
  unblock: { type: 'unblock' },
  postpone: { type: 'postpone', runAt: now + 9_000 },
  discard: { type: 'discard' },
  unsupported: { type: 'unsupported' },
  redrive: { type: 'redrive' },
  tick: { type: 'tick' },
};

/** "state +effect verdict", "." for nothing to be written. */
function outcome(status: JobStatus, input: JobInput): string {
  const { status: after, changed, effects, verdict } = transition(status, input, now, rules, half);
  const what = changed ? after.state : '.';
  return [what, ...effects.map((e) => (e.type === 'dispatch' ? '+send' : '+stop')), verdict && `(${verdict})`]
    .filter(Boolean)
    .join(' ');
}

// One row an input, one column a state: what becomes of the job ("." nothing), what is sent, what a claim is answered.
const table = `
input           | scheduled  | queued             | running           | retrying           | blocked      | succeeded    | dead         | cancelled
claim           | . (parked) | running (granted)  | . (running)       | . +send (parked)   | . (parked)   | . (finished) | . (finished) | . (finished)
redelivered     | . (parked) | running (granted)  | running (parked)  | . +send (parked)   | . (parked)   | . (finished) | . (finished) | . (finished)
own claim       | . (parked) | running (granted)  | running (granted) | . +send (parked)   | . (parked)   | . (finished) | . (finished) | . (finished)
assert          | .          | .                  | running           | .                  | .            | .            | .            | .
old assert      | .          | .                  | .                 | .                  | .            | .            | .            | .
succeeded       | succeeded  | succeeded          | succeeded         | succeeded          | succeeded    | .            | .            | .
old success     | succeeded  | succeeded          | succeeded         | succeeded          | succeeded    | .            | .            | .
success of none | .          | .                  | .                 | .                  | .            | .            | .            | .
success to come | .          | .                  | .                 | .                  | .            | .            | .            | .
failed          | .          | .                  | retrying +send    | .                  | .            | .            | .            | .
failed for good | .          | .                  | dead              | .                  | .            | .            | .            | .
old failure     | .          | .                  | .                 | .                  | .            | .            | .            | .
released        | .          | .                  | queued +send      | .                  | .            | .            | .            | .
old release     | .          | .                  | .                 | .                  | .            | .            | .            | .
snoozed         | .          | .                  | scheduled         | .                  | .            | .            | .            | .
throttled       | .          | .                  | blocked           | .                  | .            | .            | .            | .
discarded       | .          | .                  | cancelled         | .                  | .            | .            | .            | .
aborted         | .          | .                  | .                 | .                  | .            | .            | .            | .
report          | .          | .                  | running           | .                  | .            | .            | .            | .
old report      | .          | .                  | .                 | .                  | .            | .            | .            | .
cancel          | cancelled  | cancelled          | running +stop     | cancelled          | cancelled    | .            | .            | .
poison          | dead       | dead               | .                 | dead               | dead         | .            | .            | .
hold            | .          | blocked            | .                 | blocked            | blocked      | .            | .            | .
yield           | .          | queued +send (parked) | .              | .                  | .            | .            | .            | .
unblock         | .          | .                  | .                 | .                  | queued +send | .            | .            | .
postpone        | scheduled  | scheduled          | .                 | scheduled          | scheduled    | .            | .            | .
discard         | cancelled  | cancelled          | .                 | cancelled          | cancelled    | .            | .            | .
unsupported     | . (parked) | scheduled (parked) | . (parked)        | scheduled (parked) | . (parked)   | . (finished) | . (finished) | . (finished)
redrive         | .          | .                  | .                 | .                  | .            | .            | queued +send | .
tick            | .          | .                  | .                 | .                  | .            | .            | .            | .
`;
const [, ...rows] = table
  .trim()
  .split('\n')
  .map((line) => line.split('|').map((cell) => cell.trim()));

const after = (status: JobStatus, input: JobInput, at = now) => transition(status, input, at, rules, half);

describe('transition', () => {
  it('has a row for every input', () => {
    expect(rows.map(([name]) => name)).toEqual(Object.keys(inputs));
  });

  it.each(rows)('%s', (name, ...cells) => {
    expect(states.map((state) => outcome(job(state), inputs[name!]!))).toEqual(cells);
  });

  describe('a claim', () => {
    const { claim } = inputs;

    it('of a queued job is granted with the next attempt and a lease', () => {
      const { status } = after(job('queued'), claim!);
      const leaseUntil = now + rules.leaseMs;
      expect(status).toMatchObject({ state: 'running', attempt: 3, workerId: 'w2', leaseUntil, dueAt: leaseUntil });
    });

    it('of a retry is granted once its time has come', () => {
      expect(outcome(job('retrying', { runAt: now }), claim!)).toBe('running (granted)');
      expect(outcome(job('retrying', { runAt: now + 1 }), claim!)).toBe('. +send (parked)');
    });

    it('of a retry that came out early is sent through a wait queue for the rest, unless the ledger keeps it', () => {
      expect(after(job('retrying', { runAt: now + 7_000 }), claim!).effects).toEqual([
        { type: 'dispatch', delayMs: 7_000 },
      ]);
      const long = job('retrying', { runAt: now + longestBrokerWaitMs + 1 });
      expect(after(long, claim!)).toMatchObject({ changed: false, effects: [], verdict: 'parked' });
    });

    it('of a running job that was redelivered starts a short grace, which a sign of life ends', () => {
      const watched = after(job('running'), inputs['redelivered']!).status;
      expect(watched).toMatchObject({ state: 'running', attempt: 2, takeoverAt: now + 1_000, dueAt: now + 1_000 });
      const later = after(watched, { ...(inputs['redelivered'] as object), graceMs: 60_000 } as JobInput).status;
      expect(later.takeoverAt).toBe(now + 1_000); // a second one does not make it longer
      const alive = after(watched, inputs['assert']!, now + 500).status;
      expect(alive).toMatchObject({ takeoverAt: undefined, dueAt: now + 500 + rules.leaseMs });
      expect(after(watched, inputs['old assert']!, now + 500).status.takeoverAt).toBe(now + 1_000);
      const taken = after(watched, inputs['tick']!, now + 1_000);
      expect(taken).toMatchObject({ status: { state: 'queued', crashes: 1, failures: 1 }, failure: { code: 'LOST' } });
    });

    it('past the deadline ends the job', () => {
      const late = after(job('queued', { deadlineAt: now - 1 }), claim!);
      expect(late).toMatchObject({
        status: { state: 'dead' },
        verdict: 'finished',
        failure: { code: 'DEADLINE_EXCEEDED' },
      });
    });
  });

  describe('a failure', () => {
    const { failed } = inputs;

    it('counts, and waits by the policy', () => {
      const { status, effects } = after(job('running', { failures: 0 }), failed!);
      expect(status).toMatchObject({
        state: 'retrying',
        failures: 1,
        runAt: now + 20_000,
        dueAt: now + 20_000 + rules.overdueMs,
      });
      expect(effects).toEqual([{ type: 'dispatch', delayMs: 20_000 }]);
    });

    it('ends the job when the policy allows no more', () => {
      expect(after(job('running', { failures: 2 }), failed!).status).toMatchObject({ state: 'dead', failures: 3 });
    });

    it('waits at least as long as it asks for, in the ledger when that is long', () => {
      const failure = { ...retryable, retryAfterMs: 3_600_000 };
      const { status, effects } = after(job('running'), { type: 'failed', attempt: 2, failure });
      expect(status).toMatchObject({ state: 'retrying', runAt: now + 3_600_000, dueAt: now + 3_600_000 });
      expect(effects).toEqual([]);
    });

    it('of a job that is to be cancelled cancels it', () => {
      expect(outcome(job('running', { cancelRequestedAt: now }), failed!)).toBe('cancelled');
    });
  });

  describe('a cancelled running job', () => {
    const asked = (patch: Partial<JobStatus> = {}) => after(job('running', patch), { type: 'cancel' }).status;

    it('has a time to stop in, after which it is cancelled all the same', () => {
      const status = asked({ leaseUntil: now + 60_000 });
      expect(status).toMatchObject({ state: 'running', cancelRequestedAt: now, dueAt: now + rules.cancelGraceMs });
      expect(after(status, { type: 'tick' }, now + rules.cancelGraceMs).status.state).toBe('cancelled');
    });

    it.each([
      ['aborted', 'cancelled'],
      ['released', 'cancelled'],
      ['failed', 'cancelled'],
      ['snoozed', 'cancelled'],
      ['throttled', 'cancelled'],
      ['discarded', 'cancelled'],
      ['cancel', '.'],
      ['succeeded', 'succeeded'],
    ])('becomes by %s: %s', (name, result) => {
      expect(outcome(asked(), inputs[name]!)).toBe(result);
    });

    it('is cancelled when its worker disappears', () => {
      expect(after(asked({ leaseUntil: now + 10 }), { type: 'tick' }, now + 10).status.state).toBe('cancelled');
    });
  });

  describe('a tick', () => {
    it.each([
      ['scheduled', 5_000],
      ['retrying', 35_000],
    ] as const)('sends a %s job out when it is due', (state, ms) => {
      expect(outcome(job(state), { type: 'tick' })).toBe('.');
      expect(after(job(state), { type: 'tick' }, now + ms)).toMatchObject({
        status: { state: 'queued', dueAt: undefined },
        effects: [{ type: 'dispatch', delayMs: 0 }],
      });
    });

    it('sends a job out at once whenever its worker is lost, however often, as long as others ran beside it', () => {
      for (const crashes of [0, 1, 50]) {
        const { status, failure } = after(job('running', { crashes }), { type: 'tick' }, now + 20_000);
        expect(status).toMatchObject({ state: 'queued', crashes: crashes + 1, loneCrashes: 0 });
        expect(failure?.code).toBe('LOST');
      }
    });

    it.each([
      [0, false],
      [1, false],
      [2, true],
      [7, true],
    ])('lets a job that was lost %i times run alone: %s', (crashes, alone) => {
      const { status } = after(job('queued', { crashes }), inputs.claim as JobInput, now);
      expect(status).toMatchObject({ state: 'running', alone });
    });

    it('takes a job for the cause when it was lost alone twice, and says so', () => {
      const lost = (patch: Partial<JobStatus>, company?: boolean) =>
        after(job('running', { crashes: 3, alone: true, ...patch }), { type: 'tick', company }, now + 20_000);
      expect(lost({ loneCrashes: 0 }).status).toMatchObject({ state: 'queued', crashes: 4, loneCrashes: 1 });
      const second = lost({ loneCrashes: 1 });
      expect(second.status).toMatchObject({ state: 'dead', loneCrashes: 2 });
      expect(second.failure).toMatchObject({ code: 'POISON', message: expect.stringContaining('crashed alone twice') });
      // Its worker did not keep to it, or was told of a job that is not a suspect any more.
      expect(lost({ loneCrashes: 1 }, true).status).toMatchObject({ state: 'queued', loneCrashes: 1 });
      expect(lost({ loneCrashes: 1, alone: false }).status).toMatchObject({ state: 'queued', loneCrashes: 1 });
    });

    it('is suspected no more when it has ended by itself alone', () => {
      const suspect = job('running', { crashes: 3, loneCrashes: 1, alone: true });
      const failed = after(suspect, inputs.failed as JobInput, now).status;
      expect(failed).toMatchObject({ state: 'retrying', crashes: 0, loneCrashes: 0, alone: false });
      const beside = after({ ...suspect, alone: false }, inputs.failed as JobInput, now).status;
      expect(beside).toMatchObject({ crashes: 3, loneCrashes: 1 });
      const snoozed = after(suspect, inputs.snoozed as JobInput, now).status;
      expect(snoozed).toMatchObject({ crashes: 3, loneCrashes: 1, alone: false });
    });
  });

  it('keeps the backoff of a retry that only older workers see', () => {
    const { status } = after(job('retrying', { runAt: now + 600_000 }), { type: 'unsupported' });
    expect(status).toMatchObject({ state: 'scheduled', runAt: now + 600_000, dueAt: now + 600_000 });
  });

  it('gives up a job that no worker supports for an hour', () => {
    const { status, failure } = after(job('queued', { skewSince: now - rules.skewPatienceMs }), {
      type: 'unsupported',
    });
    expect([status.state, failure?.code]).toEqual(['dead', 'POISON']);
  });

  it('fails a job that is resumed again and again without getting any further', () => {
    const idle = { type: 'released', attempt: 2, progressed: false } as const;
    expect(after(job('running', { idleResumes: 3 }), idle).status).toMatchObject({ state: 'queued', idleResumes: 4 });
    expect(after(job('running', { idleResumes: 10 }), idle).status).toMatchObject({
      state: 'retrying',
      failures: 2,
      idleResumes: 0,
    });
    const progressed = { ...idle, progressed: true };
    expect(after(job('running', { idleResumes: 10 }), progressed).status).toMatchObject({
      state: 'queued',
      idleResumes: 0,
    });
  });
});
