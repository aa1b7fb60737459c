import type { JobState } from '@roundhouse/jobs';
import { count } from '@roundhouse/telemetry';
import type { EntityManager } from 'typeorm';
import { countBatches } from './batch-counts.js';
import { announceDeaths } from './deaths.js';
import { settleDependents } from './dependents.js';
import { mutedDeaths } from './muted-deaths.js';
import type { LockedJob, LockedJobs, RulesOf } from '../records/index.js';
import { recordRedriveOutcomes } from './redrive-outcomes.js';
import { releaseSlots } from '../limits/index.js';
import { releaseUniqueKeys } from './unique-keys.js';
import { tellOfEnds } from '../notices/index.js';

/**
 * Stores what a transaction has decided, and everything that follows from jobs having come to an end or stepped back:
 * slots go to the next in line, unique keys become free, deaths are announced, redrives and webhooks are told, dependents go on, batches are counted. Rows of
 * batches are locked last, and in the order of their ids. Answers every set of jobs that was changed, the given one first.
 */
export async function writeJobs(tx: EntityManager, locked: LockedJobs, rulesOf: RulesOf): Promise<LockedJobs[]> {
  await locked.write();
  const sets = [locked, ...(await settleDependents(tx, locked.ended, rulesOf))];
  const changed = sets.flatMap((set) => [...set.changedJobs]);
  const ended = sets.flatMap((set) => [...set.ended]);
  for (const job of await mutedDeaths(tx, ended)) job.muted = true;
  await releaseUniqueKeys(tx, changed);
  await announceDeaths(tx, ended);
  await recordRedriveOutcomes(tx, ended);
  await tellOfEnds(tx, ended);
  sets.push(...(await releaseSlots(tx, changed, rulesOf)));
  await countBatches(tx, changed);
  return sets;
}

/** A change of state, for those who count. */
export interface JobMove {
  tenantId: string;
  kind: string;
  queue: string;
  from: JobState;
  to: JobState;
  /** Of a start: since it might have run. */
  waitedMs?: number;
  /** Of a success. */
  ranMs?: number;
  /** Of a death of a cause that is muted. */
  muted?: boolean;
}

/** What viewers need to know of a job that changed. */
export type ChangedJob = Pick<LockedJob, 'id' | 'batchId'> & { move?: JobMove };

function changedJob(job: LockedJob): ChangedJob {
  const { id, batchId, tenantId, kind, queue, stateRead: from, startedAt, finishedAt, status } = job;
  const { state: to, runAt } = status;
  if (from === to) return { id, batchId };
  const waitedMs = to === 'running' && startedAt !== null ? startedAt - runAt : undefined;
  const ranMs = to === 'succeeded' && startedAt !== null && finishedAt !== null ? finishedAt - startedAt : undefined;
  return { id, batchId, move: { tenantId, kind, queue, from, to, waitedMs, ranMs, muted: job.muted } };
}

/** Tells who waits for news, once the transaction is committed. */
export function announceJobs(
  sets: readonly LockedJobs[],
  { onChanged, onDispatch }: { onChanged(jobs: Iterable<ChangedJob>): void; onDispatch?(): void },
): void {
  for (const set of sets) {
    countEnds(set);
    if (set.changedJobs.size > 0) onChanged([...set.changedJobs].map(changedJob));
  }
  if (sets.some((set) => set.dispatches > 0)) onDispatch?.();
}

/** Deaths and retries of every origin: reported failures, lost workers, deadlines, poison, kinds that nobody can run. */
function countEnds({ ended, failed }: LockedJobs): void {
  const labelsOf = ({ tenantId: tenant, kind, queue, error }: LockedJob) => ({
    tenant,
    kind,
    queue,
    reason: error?.code ?? 'UNKNOWN',
  });
  for (const job of ended) {
    if (job.status.state === 'dead') count('dead', { ...labelsOf(job), muted: String(job.muted === true) });
  }
  for (const job of failed) count('retries', labelsOf(job));
}
