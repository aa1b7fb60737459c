import { WorkerHeartbeat } from '@roundhouse/contracts';
import type { DataSource } from 'typeorm';
import { claimOf, eventOf, messageOf, nothing, probeJob, rules, silent, TestLedger } from '../../e2e/test-ledger.js';
import { Claims, Heartbeats } from '../claiming/index.js';
import { Outcomes } from '../outcomes/index.js';
import { Flights, Sweeper } from '../dispatch/index.js';
import { Timekeeper } from '../time/index.js';

let ledger: TestLedger;
beforeAll(async () => {
  ledger = await TestLedger.open();
});
afterAll(() => ledger?.close());

/** Counts the deadlocks that `inTransaction` would repeat without a word. */
function watchDeadlocks(source: DataSource, seen: string[]): void {
  const { transaction } = source;
  source.transaction = (async (...args: unknown[]) => {
    try {
      return await (transaction as (...args: unknown[]) => Promise<unknown>).apply(source, args);
    } catch (error) {
      seen.push(String((error as { code?: string }).code));
      throw error;
    }
  }) as never;
}

it('does not deadlock whatever overlapping batches in whatever order do at the same time', async () => {
  const failures: string[] = [];
  const sources = await Promise.all([ledger.another(6), ledger.another(6)]);
  for (const source of sources) watchDeadlocks(source, failures);
  const ids = await ledger.accept(...Array.from({ length: 40 }, () => probeJob()));
  const shuffled = () => ids.toSorted(() => Math.random() - 0.5);
  const parts = sources.map((source) => ({
    claims: new Claims(source, rules, { ...nothing, graceMs: () => 0 }),
    heartbeats: new Heartbeats(source, rules),
    outcomes: new Outcomes(source, rules, nothing),
    timekeeper: new Timekeeper(source, rules, { ...nothing, log: silent }),
    sweeper: new Sweeper(source, {
      look: async () => ({ ready: 0, consumers: 1 }),
      flights: new Flights(source, silent),
      onDispatch: () => undefined,
      log: silent,
      patienceMs: 0,
    }),
  }));
  const progress = (id: string, attempt: number) =>
    eventOf(id, attempt, { $case: 'progress', value: { percent: 1, message: '' } });
  const released = (id: string, attempt: number) => eventOf(id, attempt, { $case: 'released', value: { reason: 1 } });
  for (let round = 0; round < 25; round += 1) {
    await Promise.all(
      parts.flatMap(({ claims, heartbeats, outcomes, timekeeper, sweeper }, n) => [
        claims.answer([claimOf(`w${n}`, shuffled()), claimOf(`v${n}`, shuffled(), { redelivered: true })]),
        heartbeats.hear(
          WorkerHeartbeat.fromPartial({
            workerId: `w${n}`,
            service: 'probe',
            running: shuffled().map((jobId) => ({ jobId, attempt: round })),
          }),
        ),
        outcomes.apply([messageOf(...shuffled().map((id) => progress(id, round + 1)))]),
        outcomes.apply([
          messageOf(
            ...shuffled()
              .slice(0, 20)
              .map((id) => released(id, round)),
          ),
        ]),
        timekeeper.handleDue(),
        sweeper.sweep(),
      ]),
    );
  }
  expect(failures).toEqual([]);
});
