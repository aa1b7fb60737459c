import { ProbeResult, type ClaimDecision, type JobEvent } from '@roundhouse/contracts';
import { waitFor } from '@roundhouse/testing';
import fc from 'fast-check';
import { death, success } from '../../e2e/outcome-events.js';
import { claimOf, eventOf, messageOf, probeJob, rules, silent, TestLedger } from '../../e2e/test-ledger.js';
import { BatchCancellation } from './batch-cancellation.js';
import { BatchReader } from './batch-reader.js';
import { Claims } from '../claiming/index.js';
import { inTransaction } from '../storage/index.js';
import { LockedJobs, type NewJob } from '../records/index.js';
import { Outcomes } from '../outcomes/index.js';
import { type GraphEdge, writeJobs } from '../transitions/index.js';
import { InvalidGraph, Workflows, type WorkflowJob } from './workflows.js';

let ledger: TestLedger;
let workflows: Workflows;
let reader: BatchReader;
let claims: Claims;
let outcomes: Outcomes;
let batchCancellation: BatchCancellation;
let nudges = 0;
const ignore = () => undefined;

beforeAll(async () => {
  ledger = await TestLedger.open();
  const { dataSource } = ledger;
  const options = {
    graceMs: () => 1_000,
    onChanged: ignore,
    onDispatch: () => (nudges += 1),
    onDomainEvents: ignore,
  };
  workflows = new Workflows(dataSource, rules, ignore);
  reader = new BatchReader(dataSource);
  claims = new Claims(dataSource, rules, options);
  outcomes = new Outcomes(dataSource, rules, options);
  batchCancellation = new BatchCancellation(dataSource, rules, { ...options, stop: ignore, log: silent });
});
afterAll(async () => {
  await batchCancellation?.stop();
  await ledger?.close();
});
beforeEach(() => ledger.clear());

type On = string | Partial<GraphEdge>;

const node = (ref: string, on: On[] = [], overrides: Partial<NewJob> = {}): WorkflowJob => ({
  ref,
  job: probeJob(overrides),
  dependsOn: on.map((edge) => ({
    ref: '',
    condition: 'succeeded',
    otherwise: 'cancel',
    ...(typeof edge === 'string' ? { ref: edge } : edge),
  })),
});

/** A stored workflow, its jobs by their reference. */
async function started(...jobs: WorkflowJob[]) {
  const { id, jobIds } = await workflows.create({
    tenantId: 'acme',
    name: 'graph',
    jobs,
    callbacks: {},
    traceparent: '',
  });
  const ids = new Map(jobs.map(({ ref }, i) => [ref, jobIds[i]!]));
  const idOf = (ref: string) => ids.get(ref)!;
  const state = async (ref: string) => (await ledger.job(idOf(ref))).state;
  const states = async () => Promise.all(jobs.map(async ({ ref }) => `${ref} ${await state(ref)}`));
  return { id, idOf, states, state };
}

async function claimed(id: string): Promise<ClaimDecision['decision']> {
  const [decisions] = await claims.answer([claimOf('w1', [id])]);
  return decisions![0]!.decision;
}

const resultOf = (text: string) => Buffer.from(ProbeResult.encode(ProbeResult.fromPartial({ text })).finish());

async function end(id: string, how: JobEvent['event'] = success()): Promise<void> {
  const decision = await claimed(id);
  if (decision?.$case !== 'granted') throw new Error(`Job ${id} was not granted`);
  await outcomes.apply([messageOf(eventOf(id, decision.value.attempt, how))]);
}

it('starts what depends on nothing, and sends the others out with the last end they wait for', async () => {
  const flow = await started(node('d', ['b', 'c']), node('b', ['a']), node('c', ['a']), node('a'));
  expect(await flow.states()).toEqual(['d blocked', 'b blocked', 'c blocked', 'a queued']);
  expect(await ledger.outbox()).toMatchObject([{ job_id: flow.idOf('a') }]);
  expect(await claimed(flow.idOf('d'))).toMatchObject({ $case: 'dropped' });
  nudges = 0;
  await end(flow.idOf('a'));
  expect(await flow.states()).toEqual(['d blocked', 'b queued', 'c queued', 'a succeeded']);
  expect(await ledger.outbox(flow.idOf('b'))).toHaveLength(1);
  expect(nudges).toBeGreaterThan(0);
  await end(flow.idOf('b'));
  expect(await flow.state('d')).toBe('blocked');
  await end(flow.idOf('c'));
  expect(await flow.state('d')).toBe('queued');
  await end(flow.idOf('d'));
  expect(await reader.workflow('acme', flow.id)).toMatchObject({
    total: 4,
    succeeded: 4,
    finished_at: expect.any(Date),
  });
  expect(await ledger.historyTypes(flow.idOf('d'))).toEqual(['blocked', 'queued', 'running', 'succeeded']);
});

it('hands the results of its dependencies to a job, and nothing to others', async () => {
  const flow = await started(node('a'), node('b'), node('c', ['a', { ref: 'b', condition: 'finished' }]), node('lone'));
  await end(flow.idOf('a'), success({ result: resultOf('from a') }));
  await end(flow.idOf('b'), death);
  const decision = await claimed(flow.idOf('c'));
  expect(decision).toMatchObject({ $case: 'granted', value: { inputs: { a: resultOf('from a') } } });
  expect(Object.keys((decision as { value: { inputs: object } }).value.inputs)).toEqual(['a']);
  expect(await claimed(flow.idOf('lone'))).toMatchObject({ $case: 'granted', value: { inputs: {} } });
});

it('kills a job whose inputs no message can carry, and says how to do it', async () => {
  const flow = await started(node('a'), node('b'), node('c', ['a', 'b']));
  await end(flow.idOf('a'));
  await end(flow.idOf('b'));
  await ledger.dataSource.query(
    `update ledger.jobs set result = decode(repeat('00', 5000000), 'hex') where state = 'succeeded'`,
  );
  expect(await claimed(flow.idOf('c'))).toMatchObject({ $case: 'dropped' });
  const job = await ledger.job(flow.idOf('c'));
  expect(job).toMatchObject({
    state: 'dead',
    error: { message: expect.stringContaining('keep large data in a file') },
  });
});

it('cancels what depends on a failure all the way down, or lets it run or wait as its edge says', async () => {
  const flow = await started(
    node('a'),
    node('needs', ['a']),
    node('behind', ['needs']),
    node('anyway', [{ ref: 'a', condition: 'finished' }]),
    node('patient', [{ ref: 'a', otherwise: 'keep_waiting' }]),
    node('last', [{ ref: 'behind', condition: 'finished' }, 'anyway']),
  );
  await end(flow.idOf('a'), death);
  expect(await flow.states()).toEqual([
    'a dead',
    'needs cancelled',
    'behind cancelled',
    'anyway queued',
    'patient blocked',
    'last blocked',
  ]);
  await end(flow.idOf('anyway'));
  expect(await flow.state('last')).toBe('queued');
  const view = await reader.workflow('acme', flow.id);
  expect(view).toMatchObject({ dead: 1, cancelled: 2, succeeded: 1, finished_at: null });

  // A second life of the failed one is what the patient one has waited for.
  await inTransaction(ledger.dataSource, async (tx) => {
    const locked = await LockedJobs.byId(tx, [flow.idOf('a')], rules);
    locked.apply(locked.get(flow.idOf('a'))!, { type: 'redrive' });
    await writeJobs(tx, locked, rules);
  });
  await end(flow.idOf('a'));
  expect(await flow.states()).toContain('patient queued');
  expect(await flow.states()).toContain('needs cancelled');
});

it('keeps a dependent for its own time when that is later', async () => {
  const flow = await started(node('a'), node('b', ['a'], { runAt: new Date(Date.now() + 3_600_000) }));
  expect(await flow.state('b')).toBe('blocked');
  await end(flow.idOf('a'));
  expect(await ledger.job(flow.idOf('b'))).toMatchObject({ state: 'scheduled', due_at: expect.any(Date) });
});

it('cancels a workflow', async () => {
  const flow = await started(node('a'), node('b', ['a']), node('c', ['b']));
  expect(await batchCancellation.request('acme', flow.id)).toBe(true);
  await waitFor(async () => (await reader.workflow('acme', flow.id))?.finished_at);
  expect(await flow.states()).toEqual(['a cancelled', 'b cancelled', 'c cancelled']);
  expect(await reader.workflow('acme', flow.id)).toMatchObject({ cancelled: 3 });
});

it('stores nothing of a graph that is none', async () => {
  await expect(started(node('a', ['b']), node('b', ['a']))).rejects.toThrow(InvalidGraph);
  expect(await ledger.jobs()).toEqual([]);
});

it('runs random graphs to their end: no job before its dependencies, none left over, counters right', async () => {
  const plans = fc.record({
    edges: fc.array(fc.tuple(fc.nat(6), fc.nat(6), fc.constantFrom('succeeded', 'finished')), { maxLength: 14 }),
    dying: fc.uniqueArray(fc.nat(6), { maxLength: 3 }),
  });
  await fc.assert(
    fc.asyncProperty(plans, async ({ edges, dying }) => {
      const jobs = Array.from({ length: 7 }, (_, i) => {
        const on = new Map(
          edges.filter(([from, to]) => from === i && to < i).map(([, to, condition]) => [to, condition]),
        );
        return node(
          `j${i}`,
          [...on].map(([to, condition]) => ({ ref: `j${to}`, condition: condition as 'succeeded' })),
        );
      });
      const flow = await started(...jobs);
      const dependsOn = new Map(jobs.map(({ ref, dependsOn: on }) => [ref, on]));
      for (let left = true; left;) {
        const queued = (await flow.states()).filter((s) => s.endsWith(' queued')).map((s) => s.split(' ')[0]!);
        left = queued.length > 0;
        for (const ref of queued) {
          for (const edge of dependsOn.get(ref)!) {
            const other = await flow.state(edge.ref);
            expect(edge.condition === 'finished' ? ['succeeded', 'dead', 'cancelled'] : ['succeeded']).toContain(other);
          }
        }
        // All at once, so that several ends meet at the same dependent.
        await Promise.all(
          queued.map((ref) => end(flow.idOf(ref), dying.includes(Number(ref.slice(1))) ? death : success())),
        );
      }
      const states = await flow.states();
      for (const state of states) expect(state).toMatch(/ (succeeded|dead|cancelled)$/);
      const counted = (name: string) => states.filter((s) => s.endsWith(name)).length;
      expect(await reader.get('acme', flow.id, true)).toMatchObject({
        succeeded: counted('succeeded'),
        dead: counted('dead'),
        cancelled: counted('cancelled'),
        finished_at: expect.any(Date),
      });
    }),
    { numRuns: 30 },
  );
});
