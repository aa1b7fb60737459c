import { ClaimDecision, JobReleased_Reason, NoopRequest, type JobEvent } from '@roundhouse/contracts';
import type { Handler } from './context.js';
import { executeDelivery, type ExecutionPorts } from './execution.js';
import { JobFailure } from './job-failure.js';
import type { AttemptOutcome, Delivery } from './ports.js';
import { RunningAttempts } from './running-attempts.js';

const jobId = '01890000-0000-7000-8000-000000000001';

/** What a worker reports about one attempt of this handler. */
async function reports(handler: Handler, running = new RunningAttempts()) {
  const events: NonNullable<JobEvent['event']>[] = [];
  const finished: AttemptOutcome[] = [];
  const warnings: string[] = [];
  const grant = { attempt: 1, failures: 0, checkpoint: Buffer.alloc(0) };
  const decision = ClaimDecision.fromPartial({ jobId, decision: { $case: 'granted', value: grant } });
  const warn = (_fields: object, message: string) => void warnings.push(message);
  const ports: ExecutionPorts = {
    claims: { claim: async () => decision },
    events: { report: async ({ event }) => void (event!.$case !== 'logged' && events.push(event!)) },
    observer: {
      step: (_step, _delivery, _attempt, run) => run(),
      decided: () => undefined,
      finished: (_delivery, outcome) => void finished.push(outcome),
      traceparent: () => '',
    },
    transactions: undefined,
    log: () => ({ debug: warn, info: warn, warn, error: warn }),
    interruptGraceMs: 20,
    timeSliceMs: Infinity,
  };
  const delivery: Delivery = {
    jobId,
    tenantId: 't1',
    kind: 'platform.noop',
    version: 1,
    queue: 'default',
    payload: NoopRequest.encode(NoopRequest.fromPartial({})).finish(),
    redelivered: false,
    enqueuedAt: undefined,
    dispatchedAt: undefined,
    timeoutMs: 60_000,
    traceparent: '',
  };
  const settlement = await executeDelivery(delivery, handler, ports, running);
  return { events, finished, warnings, settlement };
}

describe('a handler that ends its attempt early', () => {
  it.each<[string, Handler, object, AttemptOutcome]>([
    [
      'because of a provider',
      async (_request, ctx) => ctx.rateLimited(1_500),
      { $case: 'throttled', value: { bucket: '', retryAfter: { seconds: 1, nanos: 5e8 } } },
      'throttled',
    ],
    [
      'because of a provider with a bucket of its own',
      async (_request, ctx) => ctx.rateLimited(2_000, 'maps'),
      { $case: 'throttled', value: { bucket: 'maps', retryAfter: { seconds: 2, nanos: 0 } } },
      'throttled',
    ],
    [
      'because of a provider that does not say for how long',
      async (_request, ctx) => ctx.rateLimited(Number.NaN),
      { $case: 'throttled', value: { bucket: '', retryAfter: undefined } },
      'throttled',
    ],
    [
      'to run later',
      async (_request, ctx) => ctx.snooze(90_000, 'the report is not ready'),
      { $case: 'snoozed', value: { delay: { seconds: 90, nanos: 0 }, reason: 'the report is not ready' } },
      'snoozed',
    ],
    [
      'for good',
      async (_request, ctx) => ctx.discard('the user is gone'),
      { $case: 'discarded', value: { reason: 'the user is gone' } },
      'discarded',
    ],
  ])('%s reports that and no failure', async (_why, handler, event, outcome) => {
    const { events, finished, warnings, settlement } = await reports(handler);
    expect(events).toEqual([event]);
    expect([finished, warnings, settlement]).toEqual([[outcome], [], { type: 'ack' }]);
  });

  it('is understood through the errors of the libraries in between', async () => {
    const { events } = await reports(async (_request, ctx) => {
      try {
        ctx.rateLimited(1_000);
      } catch (error) {
        throw new JobFailure('UNAVAILABLE', 'The request failed', { cause: new Error('socket', { cause: error }) });
      }
    });
    expect(events).toMatchObject([{ $case: 'throttled' }]);
  });

  it('sends neither follow-ups nor domain events of the attempt, which will run again', async () => {
    const { events } = await reports(async (_request, ctx) => {
      ctx.followUp('platform.noop', NoopRequest.fromPartial({}));
      ctx.emit('probe.done', { text: '' });
      ctx.snooze(0, 'not yet');
    });
    expect(events).toEqual([{ $case: 'snoozed', value: { delay: { seconds: 0, nanos: 0 }, reason: 'not yet' } }]);
  });

  it('fails when the delay is no time', async () => {
    const { events } = await reports(async (_request, ctx) => ctx.snooze(Number.NaN, 'x'));
    expect(events).toMatchObject([
      { $case: 'failed', value: { error: { message: expect.stringContaining('snooze') } } },
    ]);
  });

  it('does not outvote an interruption', async () => {
    const running = new RunningAttempts();
    const { events } = await reports(async (_request, ctx) => {
      running.interrupt(jobId, 1, 'shutdown');
      ctx.snooze(1_000, 'x');
    }, running);
    expect(events).toEqual([{ $case: 'released', value: { reason: JobReleased_Reason.SHUTDOWN } }]);
  });
});

describe('rate feedback', () => {
  it('is reported while the attempt goes on', async () => {
    const { events } = await reports(async (_request, ctx) => {
      ctx.rateFeedback({ remaining: 0, resetAfterMs: 2_500 });
      ctx.rateFeedback({ bucket: 'maps', remaining: 7.9, resetAfterMs: 0 });
      return {};
    });
    expect(events).toMatchObject([
      { $case: 'rateFeedback', value: { bucket: '', remaining: 0, resetAfter: { seconds: 2, nanos: 5e8 } } },
      { $case: 'rateFeedback', value: { bucket: 'maps', remaining: 7 } },
      { $case: 'succeeded' },
    ]);
  });

  it('made of unreadable headers is left out and does not fail the attempt', async () => {
    const { events, warnings } = await reports(async (_request, ctx) => {
      ctx.rateFeedback({ remaining: Number.NaN, resetAfterMs: 1 });
      ctx.rateFeedback({ remaining: 1, resetAfterMs: Infinity });
      return {};
    });
    expect([events.map((e) => e.$case), warnings.length]).toEqual([['succeeded'], 2]);
  });
});
