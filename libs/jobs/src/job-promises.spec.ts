import { defaultRetryPolicy } from '@roundhouse/contracts';
import fc from 'fast-check';
import {
  defaultJobRules,
  isFinal,
  longestBrokerWaitMs,
  newJob,
  transition,
  type JobInput,
  type JobRules,
} from './index.js';

const now = 1_000_000;
const rules: JobRules = { ...defaultJobRules, retry: { ...defaultRetryPolicy, maxAttempts: 3 }, errorRules: [] };

describe('any sequence of inputs', () => {
  const attempt = fc.integer({ min: 0, max: 6 });
  const delayMs = fc.integer({ min: 0, max: 2_000_000 });
  const failure = fc.record({
    code: fc.constantFrom('UNAVAILABLE' as const, 'INVALID_INPUT' as const),
    retryable: fc.boolean(),
    retryAfterMs: fc.option(delayMs, { nil: undefined }),
  });
  const anyInput: fc.Arbitrary<JobInput> = fc.oneof(
    {
      weight: 4,
      arbitrary: fc.record({
        type: fc.constant('claim' as const),
        workerId: fc.constantFrom('w1', 'w2'),
        redelivered: fc.boolean(),
        graceMs: fc.constantFrom(1_000, 6_000),
      }),
    },
    fc.record({ type: fc.constant('failed' as const), attempt, failure }),
    fc.record({ type: fc.constantFrom('succeeded' as const, 'assert' as const, 'report' as const), attempt }),
    fc.record({ type: fc.constantFrom('released' as const, 'aborted' as const, 'discarded' as const), attempt }),
    fc.record({ type: fc.constant('snoozed' as const), attempt, delayMs }),
    fc.record({ type: fc.constant('throttled' as const), attempt, delayMs, bucket: fc.constant('b') }),
    fc.record({ type: fc.constant('hold' as const), on: fc.constant('slot:a'), until: delayMs.map((ms) => now + ms) }),
    fc.record({
      type: fc.constantFrom(
        'cancel' as const,
        'poison' as const,
        'unblock' as const,
        'yield' as const,
        'unsupported' as const,
      ),
    }),
    { weight: 3, arbitrary: fc.record({ type: fc.constant('tick' as const) }) },
  );
  const steps = fc.array(fc.tuple(anyInput, fc.integer({ min: 0, max: 60_000 })), { maxLength: 60 });

  it('keeps what the platform promises', () => {
    fc.assert(
      fc.property(steps, (sequence) => {
        let time = now;
        let status = newJob(now, now).status;
        for (const [input, pause] of sequence) {
          time += pause;
          const frozen = Object.freeze({ ...status });
          const result = transition(frozen, input, time, rules, () => 0.5);
          const next = result.status;
          if (!result.changed) expect(next).toEqual(frozen);
          if (isFinal(frozen.state)) expect(result).toMatchObject({ changed: false, effects: [] });
          expect(next.attempt - frozen.attempt).toBe(result.verdict === 'granted' ? 1 : 0);
          expect(next.failures).toBeLessThanOrEqual(rules.retry.maxAttempts);
          expect(next.loneCrashes).toBeLessThanOrEqual(rules.maxCrashes);
          expect(next.alone).toBe(next.alone && next.state === 'running');
          if (result.verdict === 'granted' && frozen.state === 'retrying')
            expect(time).toBeGreaterThanOrEqual(frozen.runAt);
          const successful = input.type === 'succeeded' && input.attempt >= 1 && input.attempt <= frozen.attempt;
          if (successful && !isFinal(frozen.state)) expect(next.state).toBe('succeeded');
          expect([next.state === 'running', next.workerId !== undefined]).toEqual(
            next.state === 'running' ? [true, true] : [false, false],
          );
          // Somebody will look at it again: the timekeeper, or the sweeper for what is queued.
          if (!isFinal(next.state) && next.state !== 'queued') expect(next.dueAt).toBeDefined();
          for (const effect of result.effects)
            if (effect.type === 'dispatch') expect(effect.delayMs).toBeLessThanOrEqual(longestBrokerWaitMs);
          status = next;
        }
      }),
      { numRuns: 600 },
    );
  });
});
