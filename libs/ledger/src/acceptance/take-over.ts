import type { EntityManager } from 'typeorm';
import type { LockedJob, LockedJobs, NewJob } from '../records/index.js';

/** A job that waits and gets the payload of a later request, with everything that belongs to it. */
export interface TakeOver {
  set: LockedJobs;
  /** Locked, and has not started. */
  first: LockedJob;
  /** Its time is the one that `first` shall have. */
  newest: NewJob;
  /** The time of `first` changes. */
  moves: boolean;
}

/** Gives a new job another time; its deadline counts from there. @param runAt in ms; undefined: at once */
export function setTime(job: NewJob, runAt: number | undefined, now: number): void {
  const before = Math.max(job.runAt?.getTime() ?? 0, now);
  const after = Math.max(runAt ?? 0, now);
  if (job.deadlineAt) job.deadlineAt = new Date(job.deadlineAt.getTime() + after - before);
  job.runAt = runAt === undefined ? undefined : new Date(runAt);
}

/** What of a request goes over to the new job that stands for it. */
export function takeOverNew(first: NewJob, newest: NewJob): void {
  const { payload, version, queue, timeoutMs, priority, retry, slotKeys, unique, runAt, deadlineAt } = newest;
  Object.assign(first, { payload, version, queue, timeoutMs, priority, retry, slotKeys, unique, runAt, deadlineAt });
}

/** The caller writes the set of locked jobs afterwards. */
export async function takeOver(tx: EntityManager, { set, first, newest, moves }: TakeOver): Promise<void> {
  const { version, queue, slotKeys = null, retry = null } = newest;
  const waitsForJobs = first.status.blockedOn === 'dependency';
  // A delivery with the old payload may be under way: the grant brings the new one along.
  await tx.query(
    `update ledger.jobs set payload = $2, payload_replaced = true, version = $3, queue = $4, priority = $5, timeout_ms = $6,
       retry_override = $7::jsonb, deadline_at = $8, unique_override = $9::jsonb, run_at = coalesce($10, run_at),
       slot_keys = case when $11::jsonb is not null then array(select jsonb_array_elements_text($11::jsonb)) end
     where id = $1`,
    [
      first.id,
      Buffer.from(newest.payload),
      version,
      queue,
      newest.priority ?? 0,
      newest.timeoutMs,
      retry && JSON.stringify(retry),
      newest.deadlineAt ?? null,
      newest.unique?.override ? JSON.stringify(newest.unique.override) : null,
      waitsForJobs && moves ? (newest.runAt ?? new Date(set.now)) : null,
      slotKeys && JSON.stringify(slotKeys),
    ],
  );
  const deadlineAt = newest.deadlineAt?.getTime();
  const otherSlots = JSON.stringify(first.slotKeys) !== JSON.stringify(slotKeys);
  Object.assign(first, { version, queue, slotKeys, payloadReplaced: true, retryOverride: retry });
  first.status = { ...first.status, deadlineAt };
  if (otherSlots && first.status.blockedOn?.startsWith('slot:')) set.apply(first, { type: 'unblock' });
  else if (moves) move(set, first, newest);
}

/** What is blocked is not moved: its time has come, or comes with the end of another job. */
function move(set: LockedJobs, first: LockedJob, { runAt, unique }: NewJob): void {
  const { state } = first.status;
  const at = runAt?.getTime() ?? set.now;
  const later = at > set.now;
  if (state !== 'scheduled' && !(state === 'queued' && later)) return;
  set.apply(first, { type: 'postpone', runAt: Math.max(at, set.now) });
  if (!later) set.apply(first, { type: 'tick' });
  set.note(first, first.status.state, { reason: unique?.mode, run_at: new Date(first.status.runAt).toISOString() });
}
