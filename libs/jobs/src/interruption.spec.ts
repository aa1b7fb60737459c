import { ErrorCode, JobReleased_Reason } from '@roundhouse/contracts';
import { setTimeout as delay } from 'node:timers/promises';
import { bench, deaf, jobId, obedient } from '../e2e/execution-bench.js';
import type { Handler } from './context.js';
import type { RunningAttempts } from './running-attempts.js';

async function interruptWhenRunning(running: RunningAttempts, reason: 'cancelled' | 'superseded' | 'shutdown') {
  while (running.size === 0) await delay(1);
  running.interrupt(jobId, 1, reason);
}

describe('interruption', () => {
  it('fails with TIMEOUT when the handler stops at its time', async () => {
    const { execute, events } = bench();
    await execute(obedient, { timeoutMs: 30 });
    expect(events[0]!.event).toMatchObject({
      $case: 'failed',
      value: { error: { code: ErrorCode.TIMEOUT, message: 'The attempt did not end within 0.03 s' } },
    });
  });

  it('does not wait for a handler that ignores its signal', async () => {
    const { execute, events, running } = bench();
    await execute(deaf, { timeoutMs: 30 });
    expect(events[0]!.event).toMatchObject({ $case: 'failed', value: { error: { code: ErrorCode.TIMEOUT } } });
    expect(running.size).toBe(0);
  });

  it('does not let a late failure of an abandoned handler end the process', async () => {
    const { execute, kinds } = bench();
    const late = async () => {
      await delay(80);
      throw new Error('much too late');
    };
    await execute(late, { timeoutMs: 10 });
    await delay(100); // an unhandled rejection would fail this test file
    expect(kinds()).toEqual(['failed']);
  });

  it('takes a success that comes in spite of the interruption', async () => {
    const { execute, kinds } = bench();
    const stubborn: Handler = (_request, { signal }) =>
      new Promise((resolve) => signal.addEventListener('abort', () => resolve({})));
    await execute(stubborn, { timeoutMs: 10 });
    expect(kinds()).toEqual(['succeeded']);
  });

  it('allows more time than a Node timer holds', async () => {
    const { execute, kinds } = bench();
    await execute(async () => (await delay(20), {}), { timeoutMs: 40 * 86_400_000 });
    expect(kinds()).toEqual(['succeeded']);
  });

  it.each([
    ['cancelled', { $case: 'cancelled' }],
    ['shutdown', { $case: 'released', value: { reason: JobReleased_Reason.SHUTDOWN } }],
  ] as const)('reports what became of it when it is told to stop: %s', async (reason, event) => {
    for (const handler of [obedient, deaf]) {
      const { execute, events, running } = bench();
      const [settlement] = await Promise.all([execute(handler), interruptWhenRunning(running, reason)]);
      expect(settlement).toEqual({ type: 'ack' });
      expect(events).toHaveLength(1);
      expect(events[0]!.event).toMatchObject(event);
    }
  });

  it('says nothing when a newer attempt has taken over', async () => {
    const { execute, events, running, finished } = bench();
    const [settlement] = await Promise.all([execute(obedient), interruptWhenRunning(running, 'superseded')]);
    expect([settlement, events, finished]).toEqual([{ type: 'ack' }, [], ['abandoned']]);
  });

  it('keeps the first reason', async () => {
    const { execute, running, kinds } = bench();
    const slow: Handler = (_request, { signal }) =>
      new Promise((_resolve, reject) =>
        signal.addEventListener('abort', () => setTimeout(() => reject(new Error('stopped')), 5)),
      );
    const both = async () => {
      await interruptWhenRunning(running, 'cancelled');
      running.interrupt(jobId, 1, 'shutdown');
    };
    await Promise.all([execute(slow), both()]);
    expect(kinds()).toEqual(['cancelled']);
  });

  it('hands a job back unstarted when the worker began to stop during its claim', async () => {
    const { execute, kinds, running } = bench();
    await running.shutDown(0);
    let started = false;
    await execute(async () => ((started = true), {}));
    expect([started, kinds()]).toEqual([false, ['released']]);
  });
});
