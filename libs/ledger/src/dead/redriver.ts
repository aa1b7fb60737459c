import { type Log, Rounds } from '@roundhouse/jobs';
import { logLine } from '@roundhouse/telemetry';
import type { DataSource, EntityManager } from 'typeorm';
import { inTransaction } from '../storage/index.js';
import { type LockedJob, LockedJobs, type RulesOf } from '../records/index.js';
import { revive } from './revival.js';
import { announceJobs, type ChangedJob, writeJobs } from '../transitions/index.js';

export interface RedriverOptions {
  onChanged(jobs: Iterable<ChangedJob>): void;
  onDispatch(): void;
  log: Log;
  /** @default 200 */
  intervalMs?: number;
  /** Jobs sent in one transaction. @default 200 */
  batchSize?: number;
}

interface Redrive {
  id: string;
  canary: boolean;
  perSecond: number | null;
  stage: number;
  redriven: number;
  pacedAt: number;
  now: number;
  /** A job of it died again of the same. */
  recurred: boolean;
  unsent: boolean;
  open: boolean;
}

/** How many jobs have been sent when a canary's stage is full. Stage 0 is a redrive without stages. */
const fullAt = [Infinity, 1, 11, Infinity] as const;
// How often a redrive is looked at that waits for its jobs to end.
const waitMs = 250;
// A redrive that was held up does not make up for more than this much time.
const burstMs = 1_000;

/**
 * Carries redrives out, at their pace and stage by stage. Every step is one transaction over the redrive, its jobs and
 * their outbox rows, so that wherever a process dies nothing is sent twice or forgotten. Any number run side by side;
 * each redrive is moved by one of them at a time.
 */
export class Redriver {
  private readonly rounds: Rounds;

  constructor(
    private readonly dataSource: DataSource,
    private readonly rulesOf: RulesOf,
    private readonly options: RedriverOptions,
  ) {
    this.rounds = new Rounds(() => this.step(), {
      pauseMs: options.intervalMs ?? 200,
      onError: (error) => logLine(options.log, 'redrive.failed', { error: String(error) }),
    });
  }

  start(): void {
    this.rounds.start();
  }

  stop(): Promise<void> {
    return this.rounds.stop();
  }

  /** One step of the redrive that has waited longest; false when none has anything to do now. */
  async step(): Promise<boolean> {
    const outcome = await inTransaction(this.dataSource, async (tx) => {
      const redrive = await nextRedrive(tx);
      if (!redrive) return undefined;
      return { redrive, sets: await this.move(tx, redrive) };
    });
    if (!outcome) return false;
    announceJobs(outcome.sets, this.options);
    return true;
  }

  private async move(tx: EntityManager, redrive: Redrive): Promise<LockedJobs[]> {
    const { id, canary, recurred, unsent, open, stage, redriven, now } = redrive;
    if (canary && recurred) {
      await this.stopRecurred(tx, id);
      return [];
    }
    if (!unsent && !open) {
      await tx.query(`update ledger.redrives set state = 'finished', finished_at = clock_timestamp() where id = $1`, [
        id,
      ]);
      return [];
    }
    const room = (fullAt[stage] ?? Infinity) - redriven;
    if (unsent && room > 0) return this.send(tx, redrive, room);
    if (unsent && !open) await this.nextStage(tx, id);
    else await lookAgain(tx, id, now + waitMs);
    return [];
  }

  private async nextStage(tx: EntityManager, id: string): Promise<void> {
    await tx.query(
      `update ledger.redrives set stage = stage + 1, stage_done_at = clock_timestamp(), look_at = clock_timestamp() where id = $1`,
      [id],
    );
  }

  private async stopRecurred(tx: EntityManager, id: string): Promise<void> {
    const [died] = await tx.query<{ job_id: string; fingerprint: string | null; message: string | null }[]>(
      `select r.job_id, r.fingerprint, j.error->>'message' as message from ledger.redrive_jobs r
       left join ledger.jobs j on j.id = r.job_id where r.redrive_id = $1 and r.recurred order by r.position limit 1`,
      [id],
    );
    const reason = `Job ${died?.job_id} died again with fingerprint ${died?.fingerprint}: ${died?.message ?? ''}`;
    await tx.query(
      `update ledger.redrives set state = 'stopped', stop_reason = $2, finished_at = clock_timestamp() where id = $1`,
      [id, reason.slice(0, 2_000)],
    );
    logLine(this.options.log, 'redrive.stopped', { redrive: id, job_id: died?.job_id });
  }

  /** Sends as many as the stage, the pace and the batch allow. */
  private async send(tx: EntityManager, redrive: Redrive, room: number): Promise<LockedJobs[]> {
    const { id, stage, perSecond, now } = redrive;
    const pacedAt = Math.max(redrive.pacedAt, now - burstMs);
    const allowed = perSecond === null ? Infinity : Math.floor(((now - pacedAt) / 1000) * perSecond) + 1;
    if (pacedAt > now) {
      await lookAgain(tx, id, pacedAt);
      return [];
    }
    const rows = await tx.query<{ job_id: string; died_at: Date | null }[]>(
      `select job_id, died_at from ledger.redrive_jobs where redrive_id = $1 and stage is null and outcome is null
       order by position limit $2`,
      [id, Math.min(room, allowed, this.options.batchSize ?? 200)],
    );
    const locked = await LockedJobs.byId(
      tx,
      rows.map((row) => row.job_id),
      this.rulesOf,
    );
    const { meant, skipped } = await sort(tx, locked, rows);
    for (const [jobId, reason] of await revive(tx, locked, meant, { redriveId: id })) skipped.set(jobId, reason);
    const sets = await writeJobs(tx, locked, this.rulesOf);
    const sent = meant.filter((job) => !skipped.has(job.id)).map((job) => job.id);
    await tx.query(
      `update ledger.redrive_jobs set stage = $3, sent_at = clock_timestamp() where redrive_id = $1 and job_id = any($2::uuid[])`,
      [id, sent, stage],
    );
    await tx.query(
      `update ledger.redrive_jobs r set outcome = 'skipped', reason = s.reason
       from unnest($2::uuid[], $3::text[]) as s(job_id, reason) where r.redrive_id = $1 and r.job_id = s.job_id`,
      [id, [...skipped.keys()], [...skipped.values()]],
    );
    const next = perSecond === null ? now : pacedAt + (sent.length * 1000) / perSecond;
    await tx.query(
      `update ledger.redrives set redriven = redriven + $2, paced_at = to_timestamp($3::float8 / 1000),
         look_at = to_timestamp($3::float8 / 1000) where id = $1`,
      [id, sent.length, next],
    );
    return sets;
  }
}

/** Which of the frozen jobs are still dead of the death they were chosen for. */
async function sort(
  tx: EntityManager,
  locked: LockedJobs,
  rows: readonly { job_id: string; died_at: Date | null }[],
): Promise<{ meant: LockedJob[]; skipped: Map<string, string> }> {
  const now = await tx.query<{ id: string; finished_at: Date | null; discarded: boolean }[]>(
    `select id, finished_at, discarded_at is not null as discarded from ledger.jobs where id = any($1::uuid[])`,
    [rows.map((row) => row.job_id)],
  );
  const facts = new Map(now.map((row) => [row.id, row]));
  const meant: LockedJob[] = [];
  const skipped = new Map<string, string>();
  for (const { job_id: id, died_at: diedAt } of rows) {
    const job = locked.get(id);
    const fact = facts.get(id);
    if (!job || !fact) skipped.set(id, 'The job is gone');
    else if (job.status.state !== 'dead') skipped.set(id, `The job is ${job.status.state} by now`);
    else if (fact.discarded) skipped.set(id, 'The job was discarded');
    else if (fact.finished_at?.getTime() !== diedAt?.getTime()) skipped.set(id, 'The job has died again since');
    else meant.push(job);
  }
  return { meant, skipped };
}

async function lookAgain(tx: EntityManager, id: string, at: number): Promise<void> {
  await tx.query(`update ledger.redrives set look_at = to_timestamp($2::float8 / 1000) where id = $1`, [id, at]);
}

async function nextRedrive(tx: EntityManager): Promise<Redrive | undefined> {
  const epochMs = (column: string) => `(extract(epoch from ${column}) * 1000)::float8`;
  const [row] = await tx.query<Omit<Redrive, 'recurred' | 'unsent' | 'open'>[]>(
    `select id, canary, per_second as "perSecond", stage, redriven, ${epochMs('paced_at')} as "pacedAt",
            ${epochMs('clock_timestamp()')} as now
     from ledger.redrives where state = 'running' and look_at <= clock_timestamp() order by look_at limit 1
     for update skip locked`,
  );
  if (!row) return undefined;
  // After the lock: what another redriver has just committed must be seen.
  const [facts] = await tx.query<Pick<Redrive, 'recurred' | 'unsent' | 'open'>[]>(
    `select exists (select from ledger.redrive_jobs where redrive_id = $1 and recurred) as recurred,
            exists (select from ledger.redrive_jobs where redrive_id = $1 and stage is null and outcome is null) as unsent,
            exists (select from ledger.redrive_jobs where redrive_id = $1 and stage is not null and outcome is null) as open`,
    [row.id],
  );
  return { ...row, ...(facts as Pick<Redrive, 'recurred' | 'unsent' | 'open'>) };
}
