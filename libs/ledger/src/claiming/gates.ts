import type { EntityManager } from 'typeorm';
import type { LockedJob, LockedJobs } from '../records/index.js';
import {
  lockSlotKeys,
  pauseOf,
  pauseWait,
  readPauses,
  slotWait,
  takeAllTokens,
  takeSlots,
  tokenWait,
} from '../limits/index.js';

/** Puts a refused job where it waits, and says why. `facts` of the claim go into the history as well. */
export type Refusal = (locked: LockedJobs, job: LockedJob, facts?: object) => void;

export function holding(on: string, until?: number): Refusal {
  return (locked, job, facts) => {
    locked.apply(job, { type: 'hold', on, until });
    locked.note(job, 'blocked', { on, ...(until !== undefined && { until: new Date(until).toISOString() }), ...facts });
  };
}

/**
 * What a job must pass between a worker's claim and its grant: it is not paused, its slots are free, its tokens are there
 * — in this order, so that a job that cannot run takes nothing. Whoever is refused waits in the ledger, not with a worker.
 */
export async function passGates(
  tx: EntityManager,
  locked: LockedJobs,
  claimed: readonly LockedJob[],
): Promise<Map<string, Refusal>> {
  const refusals = new Map<string, Refusal>();
  // Whoever runs has passed: its worker asks again because it has not heard the answer.
  const candidates = claimed.filter((job) => job.status.state !== 'running');
  if (candidates.length === 0) return refusals;
  const left = () => candidates.filter((job) => !refusals.has(job.id));

  // All keys at once and before anything else: whoever steps back further down gives slots back, and locks taken one by
  // one in different orders would deadlock.
  await lockSlotKeys(tx, [...new Set(locked.all().flatMap((job) => job.slotKeys ?? []))]);
  const pauses = await readPauses(tx);
  for (const job of pauses.length > 0 ? candidates : []) {
    const pause = pauseOf(job, pauses);
    if (pause) refusals.set(job.id, holding(pauseWait(pause)));
  }
  for (const [id, { key, rule }] of await takeSlots(tx, left())) {
    refusals.set(id, rule.onConflict === 'block' ? holding(slotWait(key)) : givingWay(key, rule));
  }
  for (const [id, { key, until }] of await takeAllTokens(tx, left(), locked.now))
    refusals.set(id, holding(tokenWait(key), until));
  return refusals;
}

function givingWay(key: string, { onConflict, snoozeMs }: { onConflict: string; snoozeMs: number }): Refusal {
  return (locked, job, facts) => {
    if (onConflict === 'discard') {
      locked.apply(job, { type: 'discard' });
      locked.note(job, 'cancelled', { reason: 'no free slot', key, ...facts });
    } else {
      locked.apply(job, { type: 'postpone', runAt: locked.now + snoozeMs });
      locked.note(job, 'scheduled', { reason: 'no free slot', key, ...facts });
    }
  };
}
