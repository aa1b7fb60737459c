import { setTimeout as delay } from 'node:timers/promises';
import { Attempt } from './attempt.js';
import type { Delivery } from './ports.js';
import { RunningAttempts } from './running-attempts.js';

function attempt(jobId: string, number = 1): Attempt {
  const silent = { debug: () => undefined, info: () => undefined, warn: () => undefined, error: () => undefined };
  return new Attempt(
    { jobId } as Delivery,
    { attempt: number, failures: 0, checkpoint: new Uint8Array() },
    {
      log: silent,
      transactions: undefined,
      events: { report: async () => undefined },
      observer: {
        step: (_s, _d, _n, run) => run(),
        decided: () => undefined,
        finished: () => undefined,
        traceparent: () => '',
      },
    },
  );
}

describe('RunningAttempts', () => {
  it('lists what runs', () => {
    const running = new RunningAttempts();
    const [a, b] = [attempt('a'), attempt('b', 3)];
    running.add(a);
    running.add(b);
    expect(running.list()).toEqual([
      { jobId: 'a', attempt: 1 },
      { jobId: 'b', attempt: 3 },
    ]);
    running.delete(a);
    expect([running.has('a'), running.has('b'), running.size]).toEqual([false, true, 1]);
  });

  it('interrupts that very attempt and no other one of the job', () => {
    const running = new RunningAttempts();
    const a = attempt('a', 2);
    running.add(a);
    running.interrupt('a', 1, 'superseded');
    running.interrupt('b', 2, 'cancelled');
    expect(a.signal.aborted).toBe(false);
    running.interrupt('a', 2, 'cancelled');
    expect(a.interruption).toBe('cancelled');
  });

  it('keeps the newer attempt when an older one of the same job ends', () => {
    const running = new RunningAttempts();
    const [old, young] = [attempt('a', 1), attempt('a', 2)];
    running.add(old);
    running.add(young);
    running.delete(old);
    expect(running.list()).toEqual([{ jobId: 'a', attempt: 2 }]);
  });

  describe('shutDown', () => {
    it('ends at once when nothing runs', async () => {
      await new RunningAttempts().shutDown(60_000);
    });

    it('lets attempts finish in their time', async () => {
      const running = new RunningAttempts();
      const [a, b] = [attempt('a'), attempt('b')];
      for (const each of [a, b]) running.add(each);
      let over = false;
      const end = running.shutDown(60_000).then(() => (over = true));
      running.delete(a);
      await delay(5);
      expect(over).toBe(false);
      running.delete(b);
      await end;
      expect([a.signal.aborted, b.signal.aborted]).toEqual([false, false]);
    });

    it('tells the rest to stop when the time is over', async () => {
      const running = new RunningAttempts();
      const a = attempt('a');
      running.add(a);
      a.signal.addEventListener('abort', () => setTimeout(() => running.delete(a), 10));
      await running.shutDown(10);
      expect([a.interruption, running.size]).toEqual(['shutdown', 0]);
    });

    it('stops at once what is still granted afterwards', async () => {
      const running = new RunningAttempts();
      await running.shutDown(0);
      const late = attempt('late');
      running.add(late);
      expect(late.interruption).toBe('shutdown');
    });
  });
});
