import type { EntityManager } from 'typeorm';
import { setTime, takeOver, type TakeOver, takeOverNew } from './take-over.js';
import type { Held, Standing, UniqueVerdict } from './unique-verdict.js';
import { type LockedJob, LockedJobs, type NewJob, type RulesOf } from '../records/index.js';
import {
  followHolders,
  type HeldKey,
  insertEdges,
  type KeyWish,
  readUniqueKeys,
  type TakenKey,
  writeJobs,
} from '../transitions/index.js';

/** A job at a key: stored and locked, or to be stored in this transaction. */
interface Occupant {
  id: string;
  standing: Standing | undefined;
  stored?: { job: LockedJob; set: LockedJobs };
  fresh?: NewJob;
}

interface Seat extends Held {
  holderId: string;
  holding: Occupant;
  following: Occupant | undefined;
}

/** Who holds and who follows, at the keys of some new jobs: as it is stored, and as it becomes while they are settled one after the other. */
export class KeySeats {
  private readonly seats = new Map<string, Seat | undefined>();
  private readonly takeOvers = new Map<string, TakeOver>();
  private readonly followers: { key: string; holder: Occupant; followerId: string }[] = [];
  /** The database's clock, in ms. */
  now = Date.now();

  constructor(
    private readonly tx: EntityManager,
    private readonly rulesOf: RulesOf,
  ) {}

  /** Undefined: nobody holds it. 'unsure': it changed hands while it was read. */
  of(key: string): Seat | undefined | 'unsure' {
    return this.seats.has(key) ? this.seats.get(key) : 'unsure';
  }

  holderOf = (key: string): string => this.seats.get(key)?.holderId ?? '';
  followerOf = (key: string): string | undefined => this.seats.get(key)?.following?.id;

  leave(key: string): void {
    this.seats.delete(key);
  }

  /** A new job has got the key. */
  sit(key: string, { job, trailing = false }: KeyWish, { expiresAt, now }: TakenKey, runAt: number | undefined): void {
    this.now = now;
    setTime(job, runAt, now);
    const unique = job.unique!;
    const holding = newcomer(job, now);
    this.seats.set(key, {
      holderId: job.id,
      holding,
      holder: holding.standing,
      following: undefined,
      follower: undefined,
      expiresAt: expiresAt ?? undefined,
      exclusive: unique.whileRunning !== undefined,
      trailing,
      heldUntil: unique.heldUntil,
    });
  }

  /**
   * Reads and locks who is at the keys that are not known yet. Jobs are locked before keys, as by those who end them; a key whose holder is
   * locked stays as it is, so it is read once more.
   */
  async look(keys: readonly string[]): Promise<void> {
    const unknown = keys.filter((key) => !this.seats.has(key));
    if (unknown.length === 0) return;
    const seen = await readUniqueKeys(this.tx, unknown);
    const ids = [...seen.values()].flatMap(({ jobId, followerId }) => (followerId ? [jobId, followerId] : [jobId]));
    const set = await LockedJobs.byId(this.tx, ids, this.rulesOf);
    const rows = await readUniqueKeys(this.tx, unknown);
    for (const key of unknown) {
      const row = rows.get(key);
      const before = seen.get(key);
      if (row) this.now = row.now;
      if (!row) this.seats.set(key, undefined);
      else if (row.jobId === before?.jobId && row.followerId === before.followerId)
        this.seats.set(key, seatOf(row, set));
    }
  }

  /** Answers whose payload it is now. */
  replace(key: string, newest: NewJob, { whom, runAt }: Extract<UniqueVerdict, { do: 'replace' }>): string {
    const seat = this.seats.get(key)!;
    const whose = whom === 'holder' ? seat.holding : seat.following!;
    const { fresh, stored, id } = whose;
    if (fresh) {
      setTime(newest, runAt === 'kept' ? fresh.runAt?.getTime() : runAt, this.now);
      takeOverNew(fresh, newest);
    } else if (stored) {
      const { job: first, set } = stored;
      const moves = runAt !== 'kept' || this.takeOvers.get(id)?.moves === true;
      const kept = this.takeOvers.get(id)?.newest.runAt?.getTime() ?? first.status.runAt;
      setTime(newest, runAt === 'kept' ? kept : runAt, this.now);
      this.takeOvers.set(id, { set, first, newest, moves });
    }
    return id;
  }

  follow(key: string, job: NewJob, runAt: number | undefined): void {
    const seat = this.seats.get(key)!;
    setTime(job, runAt, this.now);
    job.pendingDependencies = (job.pendingDependencies ?? 0) + 1;
    seat.following = newcomer(job, this.now);
    seat.follower = seat.following.standing;
    if (seat.holding.fresh) seat.holding.fresh.hasFollower = true;
    this.followers.push({ key, holder: seat.holding, followerId: job.id });
  }

  async write(): Promise<void> {
    for (const change of this.takeOvers.values()) await takeOver(this.tx, change);
    const touched = new Set([...this.takeOvers.values()].map(({ set }) => set));
    for (const set of touched) await writeJobs(this.tx, set, this.rulesOf);
    if (this.followers.length === 0) return;
    await this.tx.query(`update ledger.jobs set has_dependents = true where id = any ($1::uuid[])`, [
      this.followers.map(({ holder }) => holder.id),
    ]);
    await followHolders(this.tx, this.followers);
    const edge = { ref: 'same unique key', condition: 'finished', otherwise: 'cancel' } as const;
    await insertEdges(
      this.tx,
      this.followers.map(({ holder, followerId }) => ({ ...edge, jobId: followerId, dependsOn: holder.id })),
    );
  }
}

const newcomer = (job: NewJob, now: number): Occupant => ({
  id: job.id,
  fresh: job,
  standing: { state: 'queued', attempt: 0, createdAt: now },
});

function occupant(id: string, createdAt: number | null, set: LockedJobs): Occupant {
  const job = set.get(id);
  if (!job) return { id, standing: undefined };
  const { state, attempt } = job.status;
  return { id, stored: { job, set }, standing: { state, attempt, createdAt: createdAt ?? set.now } };
}

function seatOf(row: HeldKey, set: LockedJobs): Seat {
  const { jobId, followerId, expiresAt, exclusive, trailing, heldUntil } = row;
  const holding = occupant(jobId, row.holderCreatedAt, set);
  const following = followerId === null ? undefined : occupant(followerId, row.followerCreatedAt, set);
  return {
    holderId: jobId,
    holding,
    holder: holding.standing,
    following,
    follower: following?.standing,
    expiresAt: expiresAt ?? undefined,
    exclusive,
    trailing,
    heldUntil,
  };
}
