import { count } from '@roundhouse/telemetry';
import type { DataSource, EntityManager } from 'typeorm';
import { v7 as uuidv7 } from 'uuid';
import { type Accepted, acceptAll, rewriteKeys, UniqueConflict } from '../acceptance/index.js';
import { type GraphEdge, insertEdges } from '../transitions/index.js';
import { insertBatch, type CreatedBatch, type NewBatch } from './batches.js';
import { inTransaction } from '../storage/index.js';
import { type NewJob, newJobId, type RulesOf } from '../records/index.js';
import { orderGraph, type GraphFault } from './workflow-graph.js';

export interface WorkflowJob {
  ref: string;
  job: NewJob;
  dependsOn: readonly GraphEdge[];
}

export type NewWorkflow = Omit<NewBatch, 'jobs' | 'sealed'> & { jobs: WorkflowJob[] };

export class InvalidGraph extends Error {
  override readonly name = 'InvalidGraph';

  constructor(readonly faults: readonly GraphFault[]) {
    super(`The jobs do not make a workflow: ${faults.map(({ path }) => path).join(', ')}`);
  }
}

/** Graphs of jobs. A workflow is a sealed batch whose jobs wait for each other. */
export class Workflows {
  constructor(
    private readonly dataSource: DataSource,
    private readonly rulesOf: RulesOf,
    private readonly onDispatch: () => void,
  ) {}

  /** The whole graph or nothing. `jobIds` are in the order of the request. Throws InvalidGraph, IdempotencyConflict, UniqueConflict. */
  async create(workflow: NewWorkflow): Promise<CreatedBatch> {
    const { tenantId, idempotency } = workflow;
    const ordered = orderGraph(workflow.jobs);
    if (!ordered.ok) throw new InvalidGraph(ordered.faults);
    const id = uuidv7();
    const inOrder = ordered.order.map((index) => workflow.jobs[index] as WorkflowJob);
    place(inOrder, id);
    const jobs = inOrder.map(({ job }) => job);
    const ids = workflow.jobs.map(({ job }) => job.id);
    const created = await inTransaction(this.dataSource, async (tx) => {
      const submission = { tenantId, jobs, idempotency };
      const [answer] = await acceptAll(tx, [submission], this.rulesOf);
      if (!answer || answer instanceof Error) throw answer ?? new Error('The workflow was not accepted');
      if (answer.repeated)
        return { id: answer.jobIds[0] as string, jobIds: answer.jobIds.slice(1), dropped: [], repeated: true };
      assertAllNew(jobs, answer.standIns);
      await insertBatch(tx, id, { ...workflow, sealed: true }, jobs.length, true);
      await insertDependencies(tx, inOrder);
      if (idempotency) await rewriteKeys(tx, [{ submission, jobIds: [id, ...ids] }]);
      return { id, jobIds: ids, dropped: [], repeated: false };
    });
    if (!created.repeated) this.accepted(jobs);
    return created;
  }

  private accepted(jobs: readonly NewJob[]): void {
    for (const { tenantId: tenant, kind, queue } of jobs) count('jobsAccepted', { tenant, kind, queue });
    this.onDispatch();
  }
}

/** Ids ascend along the edges, so that rows can always be locked in an order that suits the graph. */
function place(inOrder: readonly WorkflowJob[], batchId: string): void {
  const named = new Set(inOrder.flatMap(({ dependsOn }) => dependsOn.map(({ ref }) => ref)));
  for (const { ref, job, dependsOn } of inOrder) {
    job.id = newJobId();
    job.batchId = batchId;
    job.workflow = { ref, hasDependents: named.has(ref) };
    job.pendingDependencies = dependsOn.length;
  }
}

/** A graph cannot have a job of somebody else, nor wait for one: that one may be anywhere in its life. */
function assertAllNew(jobs: readonly NewJob[], standIns: Accepted['standIns'] = {}): void {
  jobs.forEach(({ kind }, i) => {
    const standIn = standIns[i];
    if (standIn) throw new UniqueConflict(standIn.existing, kind);
  });
}

async function insertDependencies(tx: EntityManager, jobs: readonly WorkflowJob[]): Promise<void> {
  const idOf = new Map(jobs.map(({ ref, job }) => [ref, job.id]));
  const edges = jobs.flatMap(({ job, dependsOn }) =>
    dependsOn.map((edge) => ({ jobId: job.id, dependsOn: idOf.get(edge.ref) as string, ...edge })),
  );
  await insertEdges(tx, edges);
}
