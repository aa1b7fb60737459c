import { isFinal } from '@roundhouse/jobs';
import type { EntityManager } from 'typeorm';
import { type LockedJob, LockedJobs, type RulesOf } from '../records/index.js';
import type { DependencyCondition, DependencyOtherwise } from './dependency-edges.js';

interface Edge {
  job_id: string;
  depends_on: string;
  ref: string;
  condition: DependencyCondition;
  otherwise: DependencyOtherwise;
}

/**
 * What the ends of these jobs mean for those that depend on them: a dependency that is met counts down, and the last one
 * sends the job out; one that can no longer be met cancels it, or leaves it waiting for a redrive. A cancelled dependent is
 * an end of its own, so this goes on down the graph. Ids of a workflow's jobs ascend along its edges: locking the
 * dependents in the order of their ids keeps transactions that meet at a job from deadlocking. Answers what was changed.
 */
export async function settleDependents(
  tx: EntityManager,
  ended: Iterable<LockedJob>,
  rulesOf: RulesOf,
): Promise<LockedJobs[]> {
  const sets: LockedJobs[] = [];
  for (let ends = withDependents(ended); ends.size > 0;) {
    const ids = [...ends.keys()];
    const dependents = await LockedJobs.dependentsOf(tx, ids, rulesOf);
    const edges = await tx.query<Edge[]>(
      `select job_id, depends_on, ref, condition, otherwise from ledger.dependencies
       where depends_on = any($1::uuid[]) and not met order by job_id, depends_on`,
      [ids],
    );
    const met: Edge[] = [];
    for (const edge of edges) {
      const end = ends.get(edge.depends_on) as LockedJob;
      if (end.status.state === 'succeeded' || edge.condition === 'finished') met.push(edge);
      else if (edge.otherwise === 'cancel') giveUp(dependents, edge, end);
    }
    await countDown(tx, dependents, met);
    await dependents.write();
    sets.push(dependents);
    ends = withDependents(dependents.ended);
  }
  return sets;
}

function withDependents(jobs: Iterable<LockedJob>): Map<string, LockedJob> {
  return new Map([...jobs].filter((job) => job.hasDependents && isFinal(job.status.state)).map((job) => [job.id, job]));
}

function giveUp(dependents: LockedJobs, { job_id: id, ref }: Edge, end: LockedJob): void {
  const job = dependents.get(id);
  if (!job || !dependents.apply(job, { type: 'cancel' }).changed) return;
  dependents.note(job, 'cancelled', { reason: 'dependency', ref, job_id: end.id, ended: end.status.state });
}

async function countDown(tx: EntityManager, dependents: LockedJobs, met: readonly Edge[]): Promise<void> {
  if (met.length === 0) return;
  // The counts are those of the locked rows: a job that two transactions meet at is counted down by one after the other.
  const rows = await tx.query<{ id: string; pending: number }[]>(
    `with met as (
       update ledger.dependencies d set met = true
       from unnest($1::uuid[], $2::uuid[]) as m(job_id, depends_on)
       where d.job_id = m.job_id and d.depends_on = m.depends_on returning d.job_id
     ), counted as (
       update ledger.jobs j set pending_dependencies = j.pending_dependencies - c.n
       from (select job_id, count(*)::integer as n from met group by job_id) c where j.id = c.job_id
       returning j.id, j.pending_dependencies
     )
     select id, pending_dependencies as pending from counted`,
    [met.map((edge) => edge.job_id), met.map((edge) => edge.depends_on)],
  );
  for (const { id, pending } of rows) {
    const job = dependents.get(id);
    if (pending > 0 || job?.status.state !== 'blocked') continue;
    const later = job.status.runAt > dependents.now;
    dependents.apply(job, later ? { type: 'postpone', runAt: job.status.runAt } : { type: 'unblock' });
    dependents.note(job, job.status.state, { reason: 'dependency' });
  }
}
