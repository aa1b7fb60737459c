import type { EntityManager } from 'typeorm';
import { KeySeats } from './key-seats.js';
import type { StandIn } from './submission.js';
import { judgeRequest, type UniqueVerdict } from './unique-verdict.js';
import type { NewJob, RulesOf } from '../records/index.js';
import { keyOf, type KeyWish, takeUniqueKeys } from '../transitions/index.js';

/** Another job holds the unique key. */
export class UniqueConflict extends Error {
  override readonly name = 'UniqueConflict';

  constructor(
    readonly jobId: string,
    kind: string,
    message = `There is already a job ${jobId} of kind ${kind} with these values`,
  ) {
    super(message);
  }
}

/** `stored`: the new job is stored all the same, as the one that follows. */
export type Settled = UniqueConflict | (StandIn & { stored: boolean });

/** Far more often than others can get in between. */
const mostRounds = 20;

/** `time` undefined: that of one whose key is free. */
type Wish = KeyWish & { time?: { runAt?: number } };

/**
 * Settles which of the new jobs are really new, in their order. Answers, by new job's id, who stands in for it, or a
 * UniqueConflict. Those that are new, or follow, are the caller's to insert in the same transaction.
 */
export async function settleUniqueness(
  tx: EntityManager,
  jobs: readonly NewJob[],
  rulesOf: RulesOf,
): Promise<Map<string, Settled>> {
  const settled = new Map<string, Settled>();
  const queues = new Map<string, NewJob[]>();
  for (const job of jobs) if (job.unique) queues.set(keyOf(job), [...(queues.get(keyOf(job)) ?? []), job]);
  if (queues.size === 0) return settled;
  const seats = new KeySeats(tx, rulesOf);
  await take(
    tx,
    seats,
    queues,
    [...queues.values()].map(([job]) => ({ job: job as NewJob })),
  );
  for (let round = 0; queues.size > 0; round += 1) {
    if (round === mostRounds) throw new Error('Unique keys change hands faster than they can be read');
    await seats.look([...queues.keys()]);
    await take(tx, seats, queues, judgeAll(seats, queues, settled));
  }
  await seats.write();
  return settled;
}

/** Those who get their keys are at the head of their queues, and leave them. */
async function take(
  tx: EntityManager,
  seats: KeySeats,
  queues: Map<string, NewJob[]>,
  wishes: readonly Wish[],
): Promise<void> {
  const taken = await takeUniqueKeys(tx, wishes);
  for (const wish of wishes) {
    const key = keyOf(wish.job);
    const got = taken.get(key);
    if (!got) seats.leave(key);
    else {
      seats.sit(key, wish, got, wish.time ? wish.time.runAt : timeOfFirst(wish.job, got.now));
      shift(queues, key);
    }
  }
}

function timeOfFirst(job: NewJob, now: number): number | undefined {
  const verdict = judgeRequest({ unique: job.unique!, runAt: job.runAt?.getTime(), now }, undefined);
  return verdict.do === 'take' ? verdict.runAt : undefined;
}

function shift(queues: Map<string, NewJob[]>, key: string): void {
  const rest = (queues.get(key) ?? []).slice(1);
  if (rest.length > 0) queues.set(key, rest);
  else queues.delete(key);
}

/** Up to the first of each key that has to take it: answers those. */
function judgeAll(seats: KeySeats, queues: Map<string, NewJob[]>, settled: Map<string, Settled>): Wish[] {
  const wishes: Wish[] = [];
  for (const [key, queue] of [...queues]) {
    for (const job of queue) {
      const seat = seats.of(key);
      if (seat === 'unsure') break;
      const asked = { unique: job.unique!, runAt: job.runAt?.getTime(), now: seats.now };
      const verdict = judgeRequest(asked, seat);
      if (verdict.do === 'take') {
        const { runAt, window } = verdict;
        wishes.push({ job, from: seat?.holderId, time: { runAt }, expiresAt: window, trailing: window !== undefined });
        break;
      }
      settled.set(job.id, outcomeOf(seats, key, job, verdict));
      shift(queues, key);
    }
  }
  return wishes;
}

function outcomeOf(
  seats: KeySeats,
  key: string,
  job: NewJob,
  verdict: Exclude<UniqueVerdict, { do: 'take' }>,
): Settled {
  const existing = seats.holderOf(key);
  switch (verdict.do) {
    case 'drop':
      return { existing, dropped: true, stored: false };
    case 'refuse':
      return conflict(job, existing, seats.followerOf(key), verdict.why);
    case 'replace': {
      const id = seats.replace(key, job, verdict);
      return { existing, ...(verdict.whom === 'follower' && { follower: id }), stored: false };
    }
    case 'follow':
      seats.follow(key, job, verdict.runAt);
      return { existing, follower: job.id, stored: true };
  }
}

function conflict({ kind }: NewJob, id: string, follower: string | undefined, why: 'held' | 'followed' | 'dead') {
  if (why === 'held') return new UniqueConflict(id, kind);
  const message =
    why === 'dead'
      ? `Job ${id} of kind ${kind} with these values is dead and keeps others out until it has been redriven`
      : `Job ${id} of kind ${kind} with these values has started, and job ${follower} waits to follow it: no other is taken (while_running queue_next)`;
  return new UniqueConflict(id, kind, message);
}
