import { isFinal, transition, type JobEffect, type JobInput, type JobRules, type Transition } from '@roundhouse/jobs';
import type { EntityManager } from 'typeorm';
import { fingerprintOf } from './fingerprint.js';
import { insertHistory, type HistoryEntry } from './job-history.js';
import { lockedColumns, lockedJobOf, type LockedJob, type LockedRow } from './locked-job.js';
import { isJobId } from './new-job.js';
import { queryPrepared } from '../storage/index.js';
import { updateJobs } from './update-jobs.js';

/** Columns that are set beside the status. */
export type JobPatch = Partial<
  Pick<
    LockedJob,
    | 'checkpoint'
    | 'checkpointAttempt'
    | 'rateReserved'
    | 'yields'
    | 'fingerprint'
    | 'progress'
    | 'progressMessage'
    | 'result'
    | 'error'
  >
>;

export type RulesOf = (kind: string) => JobRules;
export type { LockedJob } from './locked-job.js';

/** More than jobs' priorities differ: added in the outbox to what shall overtake its lane. */
export const aboveAll = 1_000;

/**
 * Jobs locked for one transaction. Inputs go through the state machine one by one; `write` stores the outcome of all of
 * them with one statement per table. Rows are locked in id order: batches that overlap would deadlock otherwise.
 */
export class LockedJobs {
  private readonly changed = new Set<LockedJob>();
  /** Jobs that came to their end in this transaction. */
  readonly ended = new Set<LockedJob>();
  /** Jobs of which an attempt failed or was lost, and which will run again. */
  readonly failed = new Set<LockedJob>();
  private readonly outbox: { jobId: string; delayMs: number; first: boolean }[] = [];
  private readonly history: HistoryEntry[] = [];
  readonly stopped: { jobId: string; attempt: number }[] = [];

  private constructor(
    private readonly tx: EntityManager,
    private readonly jobs: Map<string, LockedJob>,
    /** As they were read. */
    private readonly rows: Map<string, LockedRow>,
    /** The database's clock, in ms. */
    readonly now: number,
    private readonly rulesOf: RulesOf,
  ) {}

  static async byId(tx: EntityManager, ids: readonly string[], rulesOf: RulesOf): Promise<LockedJobs> {
    const rows = await queryPrepared<LockedRow>(
      tx,
      `select ${lockedColumns} from ledger.jobs where id = any($1::uuid[]) order by id for update`,
      [ids.filter(isJobId)],
    );
    return LockedJobs.of(tx, rows, rulesOf);
  }

  /**
   * Jobs whose time has come; those that somebody else is working on are left to them.
   * @param leases not heard: none runs out, but for those of attempts that another worker has asked for; until: none that ended later
   */
  static async due(
    tx: EntityManager,
    limit: number,
    rulesOf: RulesOf,
    leases: { heard?: boolean; until?: Date | '-infinity' } = {},
  ): Promise<LockedJobs> {
    const { heard = true, until = 'infinity' } = leases;
    const rows = await tx.query<LockedRow[]>(
      `select ${lockedColumns} from ledger.jobs
       where due_at <= clock_timestamp()
         and (state <> 'running' or cancel_requested_at is not null
              or (($2 or takeover_at <= clock_timestamp()) and due_at <= $3::timestamptz))
       order by due_at limit $1 for update skip locked`,
      [limit, heard, until],
    );
    return LockedJobs.of(tx, rows, rulesOf);
  }

  /** Jobs that wait for the same thing, longest waiting first; locked ones are left out. */
  static async blockedOn(tx: EntityManager, reason: string, limit: number, rulesOf: RulesOf): Promise<LockedJobs> {
    const rows = await tx.query<LockedRow[]>(
      `select ${lockedColumns} from ledger.jobs where state = 'blocked' and blocked_on = $1 order by id limit $2 for update skip locked`,
      [reason, limit],
    );
    return LockedJobs.of(tx, rows, rulesOf);
  }

  /** Jobs that still wait for one of these. */
  static async dependentsOf(tx: EntityManager, ids: readonly string[], rulesOf: RulesOf): Promise<LockedJobs> {
    const rows = await tx.query<LockedRow[]>(
      `select ${lockedColumns} from ledger.jobs
       where id in (select d.job_id from ledger.dependencies d where d.depends_on = any($1::uuid[]) and not d.met)
         and state = 'blocked' and blocked_on = 'dependency'
       order by id for update`,
      [ids],
    );
    return LockedJobs.of(tx, rows, rulesOf);
  }

  /** Jobs of a batch behind `after` that may still be cancelled; those that somebody else is working on are left out. */
  static async cancellable(
    tx: EntityManager,
    batchId: string,
    after: string,
    limit: number,
    rulesOf: RulesOf,
  ): Promise<LockedJobs> {
    const rows = await tx.query<LockedRow[]>(
      `select ${lockedColumns} from ledger.jobs
       where batch_id = $1 and id > $2 and state not in ('succeeded', 'dead', 'cancelled') and cancel_requested_at is null
       order by id limit $3 for update skip locked`,
      [batchId, after, limit],
    );
    return LockedJobs.of(tx, rows, rulesOf);
  }

  private static of(tx: EntityManager, rows: LockedRow[], rulesOf: RulesOf): LockedJobs {
    const jobs = new Map(rows.map((row) => [row.id, lockedJobOf(row)]));
    return new LockedJobs(tx, jobs, new Map(rows.map((row) => [row.id, row])), rows[0]?.now ?? 0, rulesOf);
  }

  get(id: string): LockedJob | undefined {
    return this.jobs.get(id);
  }

  all(): LockedJob[] {
    return [...this.jobs.values()];
  }

  /** Jobs that `write` will update or has updated. */
  get changedJobs(): ReadonlySet<LockedJob> {
    return this.changed;
  }

  get dispatches(): number {
    return this.outbox.length;
  }

  /** What an input would do, without doing it. */
  preview(job: LockedJob, input: JobInput): Transition {
    return transition(job.status, input, this.now, this.rules(job));
  }

  apply(job: LockedJob, input: JobInput, patch: JobPatch = {}): Transition {
    const before = job.status;
    const outcome = transition(before, input, this.now, this.rules(job));
    for (const effect of outcome.effects) this.take(job, effect);
    if (!outcome.changed) return outcome;
    job.status = outcome.status;
    Object.assign(job, patch);
    if (outcome.failure)
      job.error = {
        code: outcome.failure.code,
        message: outcome.failure.message,
        retryable: outcome.failure.retryable,
      };
    if (outcome.verdict === 'granted') Object.assign(job, { startedAt: this.now, progressedAt: null });
    if (input.type === 'report') job.progressedAt = this.now;
    if (before.state !== job.status.state && isFinal(job.status.state)) job.finishedAt = this.now;
    const failed = job.status.failures > before.failures && job.status.state === 'retrying';
    if (job.error && (failed || job.status.state === 'dead'))
      job.fingerprint = fingerprintOf(job.kind, job.version, job.error);
    if (isFinal(job.status.state)) this.ended.add(job);
    else if (job.status.failures > before.failures || job.status.crashes > before.crashes) this.failed.add(job);
    this.changed.add(job);
    return outcome;
  }

  /** The kind's rules, with what this very job was given instead. */
  private rules({ kind, retryOverride }: LockedJob): JobRules {
    const rules = this.rulesOf(kind);
    return retryOverride ? { ...rules, retry: { ...rules.retry, ...retryOverride } } : rules;
  }

  note(job: LockedJob, type: string, detail?: object): void {
    this.history.push({ jobId: job.id, type, attempt: job.status.attempt, at: this.now, detail });
  }

  /** @param ahead their deliveries overtake those that wait in the same lane of the outbox. @default false */
  async write({ ahead = false } = {}): Promise<void> {
    await updateJobs(
      this.tx,
      [...this.changed].map((job) => ({ job, before: lockedJobOf(this.rows.get(job.id) as LockedRow) })),
    );
    if (this.outbox.length > 0) {
      for (const first of [true, false]) {
        await insertOutbox(
          this.tx,
          this.outbox.filter((o) => o.first === first),
          { first, raise: ahead ? aboveAll : 0 },
        );
      }
    }
    await insertHistory(this.tx, this.history);
  }

  private take(job: LockedJob, effect: JobEffect): void {
    if (effect.type === 'dispatch')
      this.outbox.push({ jobId: job.id, delayMs: effect.delayMs, first: effect.first === true });
    else this.stopped.push({ jobId: job.id, attempt: effect.attempt });
  }
}

/** Rows are sent by number within their lane and priority; what is to be first has number 0, which no sequence gives. */
async function insertOutbox(
  tx: EntityManager,
  rows: readonly { jobId: string; delayMs: number }[],
  { first, raise }: { first: boolean; raise: number },
): Promise<void> {
  if (rows.length === 0) return;
  const [columns, id] = first ? ['id, ', '0, '] : ['', ''];
  await tx.query(
    `insert into ledger.outbox (${columns}job_id, delay_ms, queue, tenant_id, priority) overriding system value
     select ${id}o.job_id, o.delay_ms, j.queue, j.tenant_id, j.priority + $3::smallint
     from unnest($1::uuid[], $2::integer[]) with ordinality as o(job_id, delay_ms, n) join ledger.jobs j on j.id = o.job_id
     -- Their numbers are their order.
     order by o.n`,
    [rows.map((o) => o.jobId), rows.map((o) => Math.round(o.delayMs)), raise],
  );
}
