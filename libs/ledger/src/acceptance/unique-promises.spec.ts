import fc from 'fast-check';
import type { DataSource } from 'typeorm';
import { TestLedger } from '../../e2e/test-ledger.js';
import { UniqueBench } from '../../e2e/unique-bench.js';
import type { UniqueOverride } from '../records/index.js';

let ledger: TestLedger;
let other: DataSource;
beforeAll(async () => {
  ledger = await TestLedger.open();
  other = await ledger.another();
});
afterAll(() => ledger?.close());

const periodMs = 60_000;
const settings: UniqueOverride[] = [
  { mode: 'replace' },
  { mode: 'replace', whileRunning: 'queue_next' },
  { mode: 'replace', whileRunning: 'drop' },
  { mode: 'debounce', periodMs },
  { mode: 'debounce', periodMs, maxWaitMs: periodMs },
  { mode: 'debounce', periodMs, leading: true },
  { mode: 'reject', whileRunning: 'queue_next' },
  { mode: 'reject', whileRunning: 'replace_next', periodMs: 1 },
  { mode: 'return_existing', whileRunning: 'replace_next' },
  { mode: 'return_existing' },
];

type Step = (bench: UniqueBench) => Promise<unknown>;

/** Named, so that a sequence that fails can be read. */
const step = (name: string, take: Step) => Object.assign(take, { [fc.toStringMethod]: () => name });

const stepsFor = (unique: fc.Arbitrary<UniqueOverride>): fc.Arbitrary<Step> => {
  const request = unique.map((u) => step(`request ${JSON.stringify(u)}`, (bench) => bench.request(u)));
  const atOnce = unique.map((u) => step(`3 requests ${JSON.stringify(u)}`, (bench) => bench.request(u, 3)));
  const during = fc
    .constantFrom('success' as const, 'death' as const)
    .chain((how) =>
      unique.map((u) =>
        step(`request ${JSON.stringify(u)} beside ${how}`, (bench) => Promise.all([bench.end(how), bench.request(u)])),
      ),
    );
  const end = fc
    .constantFrom('success' as const, 'failure' as const, 'death' as const)
    .map((how) => step(how, (bench) => bench.end(how)));
  const which = fc.nat({ max: 3 });
  return fc.oneof(
    { weight: 5, arbitrary: request },
    { weight: 2, arbitrary: atOnce },
    { weight: 2, arbitrary: during },
    { weight: 5, arbitrary: fc.constant(step('start', (bench) => bench.start())) },
    { weight: 4, arbitrary: end },
    { weight: 3, arbitrary: fc.constant(step('time passes', (bench) => bench.timePasses())) },
    { weight: 1, arbitrary: which.map((n) => step(`cancel ${n}`, (bench) => bench.cancel(n))) },
    { weight: 1, arbitrary: which.map((n) => step(`redrive ${n}`, (bench) => bench.redrive(n))) },
  );
};

/** Of one kind of request each, or of any. */
const sequences = fc
  .oneof(
    fc.constantFrom(...settings).map((one) => fc.constant(one)),
    fc.constant(fc.constantFrom(...settings)),
  )
  .chain((unique) => fc.array(stepsFor(unique), { minLength: 8, maxLength: 24 }));

it('runs every payload that was accepted, or a later one in its place; never two at once, never two that follow', async () => {
  await fc.assert(
    fc.asyncProperty(sequences, async (steps) => {
      await ledger.clear();
      await ledger.dataSource.query('truncate ledger.unique_keys, ledger.dependencies');
      const bench = new UniqueBench(ledger, other);
      for (const take of steps) {
        await take(bench);
        expect(await bench.violations()).toEqual([]);
      }
      await bench.untilAllIsOver();
      expect(await bench.broken()).toEqual([]);
    }),
    { numRuns: Number(process.env.ROUNDHOUSE_UNIQUE_RUNS ?? 25), endOnFailure: true },
  );
});
