import type { EntityManager } from 'typeorm';
import { readLanes, type WaitingLane } from '../dispatch/index.js';
import { aboveAll, type LockedJob, type LockedJobs } from '../records/index.js';
import { staleMs } from '../transitions/index.js';

/** A job that would be granted, and when the delivery that is claimed was sent. */
export interface Turn {
  job: LockedJob;
  sentAt: number;
}

/** More than an hour. */
const mostDoublings = 12;

/**
 * Jobs whose delivery has been under way for so long that others of their queue should have had their turn meanwhile: more urgent ones, or another
 * tenant's. However much was sent out before anybody knew that jobs would take long, or that others would come: nobody waits behind it.
 *
 * What is sent back for another tenant's sake may be under way for twice as long the next time, so that on a machine where everything takes long jobs
 * run nevertheless. For more urgent jobs there is no such bound: they never give way to these.
 */
export async function outOfTurn(
  tx: EntityManager,
  locked: LockedJobs,
  turns: readonly Turn[],
): Promise<ReadonlySet<LockedJob>> {
  // Whoever runs has had its turn: its worker asks again because it has not heard the answer.
  const waiting = turns.filter(({ job }) => job.status.state !== 'running');
  const stale = waiting.filter((turn) => underWayMs(locked, turn) > staleMs);
  if (stale.length === 0) return new Set();
  const lanes = await readLanes(tx);
  const priorities = lanes.length > 0 ? await readPriorities(tx, stale) : new Map<string, number>();
  const late = stale.filter((turn) => {
    const { job } = turn;
    const priority = priorities.get(job.id) ?? 0;
    const patient = underWayMs(locked, turn) > staleMs * 2 ** Math.min(job.yields, mostDoublings);
    const before = (lane: WaitingLane) => {
      const theirs = urgencyOf(lane);
      return theirs > priority || (patient && lane.tenant_id !== job.tenantId && theirs === priority);
    };
    return lanes.some((lane) => lane.queue === job.queue && before(lane));
  });
  return new Set(late.map(({ job }) => job));
}

/** Going first in its lane makes nobody more urgent than other lanes. */
const urgencyOf = ({ priority }: WaitingLane): number => (priority > aboveAll / 2 ? priority - aboveAll : priority);

/** A retry was sent when it failed, and waited its time in a wait queue. */
const underWayMs = ({ now }: LockedJobs, { job, sentAt }: Turn): number => now - Math.max(sentAt, job.status.runAt);

async function readPriorities(tx: EntityManager, turns: readonly Turn[]): Promise<Map<string, number>> {
  const rows = await tx.query<{ id: string; priority: number }[]>(
    `select id, priority from ledger.jobs where id = any($1::uuid[])`,
    [turns.map(({ job }) => job.id)],
  );
  return new Map(rows.map(({ id, priority }) => [id, priority]));
}
