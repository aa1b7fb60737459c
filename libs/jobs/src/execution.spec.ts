import {
  ClaimDecision,
  domainEvents,
  ErrorCode,
  JobError_Retry,
  NoopRequest,
  NoopResult,
  ProbeDone,
} from '@roundhouse/contracts';
import { bench, granted, jobId, noop } from '../e2e/execution-bench.js';
import type { Handler } from './context.js';
import { JobFailure } from './job-failure.js';

describe('executeDelivery', () => {
  it('claims, runs and reports before it acknowledges', async () => {
    const { execute, events, order, finished, decided, running } = bench(granted(3));
    expect(await execute(noop)).toEqual({ type: 'ack' });
    expect(order).toEqual(['claim 0', 'handler 3', 'outcome 3']);
    expect(events).toMatchObject([{ jobId, attempt: 3, traceparent: 'span-trace', event: { $case: 'succeeded' } }]);
    expect([finished, decided, running.size]).toEqual([['succeeded'], ['granted'], 0]);
  });

  it('runs with the payload of the grant when there is one, whatever the delivery carries', async () => {
    const edited = (payload: Uint8Array) => {
      const value = { attempt: 1, failures: 0, payload: Buffer.from(payload) };
      return bench(ClaimDecision.fromPartial({ jobId, decision: { $case: 'granted', value } }));
    };
    const texts: unknown[] = [];
    const remember: Handler = async (request) => {
      texts.push((request as NoopRequest).text);
      return NoopResult.fromPartial({});
    };
    const stale = { payload: NoopRequest.encode({ text: 'old' }).finish() };
    await edited(NoopRequest.encode({ text: 'new' }).finish()).execute(remember, stale);
    await edited(new Uint8Array()).execute(remember, stale);
    expect(texts).toEqual(['new', '']);

    const unreadable = edited(Buffer.from([0x0a]));
    expect(await unreadable.execute(remember, stale)).toEqual({ type: 'ack' });
    const error = { code: ErrorCode.POISON, retry: JobError_Retry.NO };
    expect(unreadable.events).toMatchObject([{ event: { $case: 'failed', value: { error } } }]);
    expect(texts).toHaveLength(2);
  });

  it('gives the handler its request, its checkpoint and what it needs to know', async () => {
    const { execute } = bench(granted(2, { page: 7 }));
    let seen: unknown;
    await execute(async (_request, context) => {
      const { attempt, failures, tenantId, kind } = context;
      seen = { attempt, failures, tenantId, kind, at: context.resumeFrom(), key: context.effectKey('mail') };
      return {};
    });
    const key = `${jobId}:mail`;
    expect(seen).toEqual({ attempt: 2, failures: 1, tenantId: 't1', kind: 'platform.noop', at: { page: 7 }, key });
  });

  it('sends what the handler has logged before the outcome, and nothing when it says nothing', async () => {
    const silent = bench();
    await silent.execute(noop);
    const talking = bench();
    const cases: string[] = [];
    const { report } = talking.ports.events;
    talking.ports.events.report = (event) => {
      cases.push(event.event!.$case);
      return report(event);
    };
    await talking.execute(async (_request, { log }) => {
      log.info({}, 'half way');
      throw new JobFailure('UNAVAILABLE', 'down');
    });
    expect([silent.logged, talking.logged, cases]).toEqual([[], ['half way', 'attempt failed'], ['logged', 'failed']]);
  });

  it('acknowledges what the ledger drops, without running it', async () => {
    const { execute, events, order, decided } = bench({ jobId, decision: { $case: 'dropped', value: { reason: 2 } } });
    expect(await execute(() => Promise.reject(new Error('must not run')))).toEqual({ type: 'ack' });
    expect([events, order, decided]).toEqual([[], ['claim 0'], ['dropped']]);
  });

  it('sends follow-ups and domain events with the success', async () => {
    const { execute, events } = bench();
    const runAt = new Date(1_800_000_000_000);
    await execute(async (_request, context) => {
      context.followUp('platform.noop', NoopRequest.fromPartial({}), { runAt });
      context.emit('probe.done', ProbeDone.fromPartial({}));
      return {};
    });
    expect(events).toHaveLength(1);
    expect(events[0]!.event).toMatchObject({
      $case: 'succeeded',
      value: { followUps: [{ kind: 'platform.noop', runAt }], domainEvents: [{ type: 'probe.done' }] },
    });
  });

  it('keeps events of a failure, but no follow-ups', async () => {
    const { execute, events, finished } = bench();
    const settlement = await execute(async (_request, context) => {
      context.followUp('platform.noop', NoopRequest.fromPartial({}));
      context.emit('probe.done', ProbeDone.fromPartial({}));
      throw new JobFailure('RATE_LIMITED', 'slow down', { retryAfterMs: 1_500 });
    });
    expect(settlement).toEqual({ type: 'ack' });
    expect(finished).toEqual(['failed']);
    expect(events[0]!.event).toMatchObject({
      $case: 'failed',
      value: {
        error: { code: ErrorCode.RATE_LIMITED, message: 'slow down', retryAfter: { seconds: 1, nanos: 5e8 } },
        domainEvents: [{ type: 'probe.done' }],
      },
    });
    expect(events[0]!.event!.value).not.toHaveProperty('followUps');
  });

  it.each<[string, Handler]>([
    [
      'throws before it awaits',
      () => {
        throw new TypeError('broken');
      },
    ],
    ['rejects', () => Promise.reject(new TypeError('broken'))],
  ])('makes it an INTERNAL failure when a handler %s', async (_how, handler) => {
    const { execute, events } = bench();
    await execute(handler);
    expect(events[0]!.event).toMatchObject({
      $case: 'failed',
      value: { error: { code: ErrorCode.INTERNAL, message: 'broken', retry: JobError_Retry.YES } },
    });
  });

  it.each([
    ['is none', undefined],
    ['has fields of wrong types', { echo: 5, note: 5, value: {}, labels: 5 }],
  ])('survives a result that %s', async (_what, result) => {
    const { execute, events } = bench();
    expect(await execute(async () => result)).toEqual({ type: 'ack' });
    expect(['failed', 'succeeded']).toContain(events[0]!.event!.$case);
  });

  it('fails for good when the outcome is too large for a message', async () => {
    const { execute, events } = bench();
    const body = ProbeDone.fromPartial({});
    const large = { ...domainEvents['probe.done'].body, payload: Buffer.alloc(5 * 1024 * 1024) };
    await execute(async (_request, context) => {
      context.emit('probe.done', body);
      (context as unknown as { domainEvents: object[] }).domainEvents.push({
        type: 'probe.done',
        payload: large.payload,
      });
      return {};
    });
    expect(events[0]!.event).toMatchObject({
      $case: 'failed',
      value: {
        error: { retry: JobError_Retry.NO, message: expect.stringContaining('keep large data in a file') },
        domainEvents: [],
      },
    });
  });

  it('fails when a follow-up has no valid time', async () => {
    const { execute, events } = bench();
    await execute(async (_request, context) => {
      context.followUp('platform.noop', NoopRequest.fromPartial({}), { runAt: new Date('never') });
      return {};
    });
    expect(events[0]!.event).toMatchObject({
      $case: 'failed',
      value: { error: { message: 'followUp(platform.noop): runAt is not a valid date' } },
    });
  });

  describe('poison', () => {
    it('quarantines a payload that cannot be decoded', async () => {
      const { execute, order } = bench();
      const settlement = await execute(noop, { payload: Buffer.from([0x0a, 0xff, 0xff]) });
      expect(settlement).toEqual({
        type: 'quarantine',
        reason: expect.stringContaining('payload of platform.noop cannot be decoded'),
      });
      expect(order).toEqual([]);
    });
  });

  describe('infrastructure', () => {
    it('lets the delivery go back when the claim fails', async () => {
      const { execute, events } = bench(new Error('ledger unreachable'));
      await expect(execute(noop)).rejects.toThrow('ledger unreachable');
      expect(events).toEqual([]);
    });

    it('lets the delivery go back when the outcome cannot be reported', async () => {
      const { execute, trouble, running } = bench();
      trouble.report = () => {
        throw new Error('broker unreachable');
      };
      await expect(execute(noop)).rejects.toThrow('broker unreachable');
      expect(running.size).toBe(0);
    });

    it('does not fail the job because its progress got lost', async () => {
      const { execute, trouble, kinds, warnings } = bench();
      trouble.report = ({ event }) => {
        if (event?.$case === 'progress') throw new Error('broker unreachable');
      };
      await execute(async (_request, context) => (context.progress(50), {}));
      expect([kinds(), warnings]).toEqual([['succeeded'], ['event could not be reported']]);
    });
  });

  describe('reports while running', () => {
    it('sends progress within bounds, the last one before the outcome', async () => {
      const { execute, events } = bench();
      await execute(async (_request, context) => {
        for (const percent of [-5, 10, 250]) context.progress(percent, 'x');
        return {};
      });
      const percents = events.flatMap(({ event }) => (event?.$case === 'progress' ? [event.value.percent] : []));
      expect(percents).toEqual([0, 100]);
      expect(events.at(-1)!.event!.$case).toBe('succeeded');
    });

    it('saves a checkpoint before it goes on, and resumes from the latest', async () => {
      const { execute, kinds } = bench();
      let resumed: unknown;
      await execute(async (_request, context) => {
        await context.checkpoint({ page: 1 });
        expect(kinds()).toEqual(['checkpoint']);
        resumed = context.resumeFrom();
        return {};
      });
      expect(resumed).toEqual({ page: 1 });
    });

    it.each<[string, (c: Parameters<Handler>[1]) => unknown, string]>([
      ['a checkpoint above 64 KiB', (c) => c.checkpoint('x'.repeat(70_000)), 'A checkpoint holds at most 65536 bytes'],
      ['progress that is no number', (c) => c.progress(NaN), 'percent must be 0 … 100'],
      ['a transaction without a database', (c) => c.tx('s', async () => 1), 'This service has no database'],
    ])('refuses %s', async (_what, misuse, message) => {
      const { execute, events } = bench();
      await execute(async (_request, context) => (await misuse(context), {}));
      expect(events.at(-1)!.event).toMatchObject({
        $case: 'failed',
        value: { error: { message: expect.stringContaining(message) } },
      });
    });

    it('sends an immediate event at once and not with the outcome', async () => {
      const { execute, events } = bench();
      await execute(async (_request, context) => {
        context.emit('probe.done', ProbeDone.fromPartial({}), { immediate: true });
        return {};
      });
      expect(events.map((e) => e.event!.$case)).toEqual(['emitted', 'succeeded']);
      expect(events[1]!.event!.value).toMatchObject({ domainEvents: [] });
    });

    it('runs a step in the transaction of the service, under the job and the step', async () => {
      const { execute, ports } = bench();
      const steps: string[] = [];
      ports.transactions = {
        once: async (job, step, work) => {
          steps.push(`${job}:${step}`);
          return work({ query: async () => undefined as never });
        },
      };
      let answer: unknown;
      await execute(async (_request, context) => ((answer = await context.tx('rows', async () => 42)), {}));
      expect([steps, answer]).toEqual([[`${jobId}:rows`], 42]);
    });
  });
});
