import { ClaimRequest, JobEvent, JobEvents, ProbeRequest, type ClaimDecision } from '@roundhouse/contracts';
import type { Log } from '@roundhouse/jobs';
import { createTestDatabase, type TestDatabase } from '@roundhouse/testing';
import type { DataSource } from 'typeorm';
import { catalogueRules } from '../src/records/job-rules.js';
import { inTransaction, ledgerDataSource } from '../src/storage/ledger-database.js';
import { newJobId } from '../src/records/job-id.js';
import { insertJobs, type NewJob } from '../src/records/new-job.js';

/** A row of ledger.jobs as it is, times as Date. */
export interface JobRow {
  id: string;
  tenant_id: string;
  kind: string;
  queue: string;
  state: string;
  attempt: number;
  failures: number;
  crashes: number;
  lone_crashes: number;
  payload: Buffer;
  run_at: Date;
  due_at: Date | null;
  lease_until: Date | null;
  takeover_at: Date | null;
  cancel_requested_at: Date | null;
  worker_id: string | null;
  checkpoint: Buffer | null;
  progress: number | null;
  progress_message: string | null;
  result: Buffer | null;
  fingerprint: string | null;
  error: { code: string; message: string; retryable: boolean } | null;
  parent_id: string | null;
  traceparent: string;
  started_at: Date | null;
  finished_at: Date | null;
  dispatched_at: Date;
}

export interface OutboxRow {
  id: string;
  job_id: string;
  delay_ms: number;
}

export const rules = catalogueRules();
export const silent: Log = {
  debug: () => undefined,
  info: () => undefined,
  warn: () => undefined,
  error: () => undefined,
};
/** Options of the ledger's parts in which nobody listens. */
export const nothing = {
  onChanged: () => undefined,
  onDispatch: () => undefined,
  onDomainEvents: () => undefined,
  stop: () => undefined,
};
export const traceparent = '00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01';

export function probeJob(overrides: Partial<NewJob> = {}): NewJob {
  return {
    id: newJobId(),
    tenantId: 'acme',
    kind: 'platform.probe',
    version: 1,
    queue: 'probes',
    payload: ProbeRequest.encode(ProbeRequest.fromPartial({ text: 'x' })).finish(),
    timeoutMs: 60_000,
    traceparent,
    ...overrides,
  };
}

export interface ClaimOptions {
  redelivered?: boolean;
}

export function claimOf(workerId: string, jobIds: string[], { redelivered = false }: ClaimOptions = {}): ClaimRequest {
  return ClaimRequest.fromPartial({ workerId, claims: jobIds.map((jobId) => ({ jobId, redelivered, traceparent })) });
}

export const grantedAttempt = ({ decision }: ClaimDecision): number | undefined =>
  decision?.$case === 'granted' ? decision.value.attempt : undefined;

export function eventOf(jobId: string, attempt: number, event: JobEvent['event']): JobEvent {
  return JobEvent.fromPartial({ jobId, attempt, traceparent, event } as never);
}

export const messageOf = (...events: JobEvent[]): JobEvents => ({
  ...JobEvents.fromPartial({ workerId: 'w1' }),
  events,
});

/** A migrated ledger of its own, and what specs need to look at it. */
export class TestLedger {
  private readonly sources: DataSource[] = [];

  private constructor(
    private readonly database: TestDatabase,
    readonly dataSource: DataSource,
  ) {}

  static async open(): Promise<TestLedger> {
    const database = await createTestDatabase();
    const dataSource = await ledgerDataSource({ url: database.url }).initialize();
    await dataSource.runMigrations({ transaction: 'all' });
    return new TestLedger(database, dataSource);
  }

  /** Connections of their own, as another process has them. */
  async another(poolSize = 4): Promise<DataSource> {
    const source = await ledgerDataSource({ url: this.database.url, poolSize }).initialize();
    this.sources.push(source);
    return source;
  }

  async close(): Promise<void> {
    for (const source of [...this.sources, this.dataSource]) await source.destroy();
    await this.database.drop();
  }

  async clear(): Promise<void> {
    await this.dataSource.query(
      `truncate ledger.jobs, ledger.outbox, ledger.job_history, ledger.domain_events, ledger.idempotency_keys, ledger.workers, ledger.schedules, ledger.flights cascade`,
    );
  }

  async accept(...jobs: NewJob[]): Promise<string[]> {
    await inTransaction(this.dataSource, (tx) => insertJobs(tx, jobs));
    return jobs.map((job) => job.id);
  }

  /** A new job's id; its first delivery is on its way already. */
  async queued(overrides: Partial<NewJob> = {}): Promise<string> {
    const [id] = await this.accept(probeJob(overrides));
    await this.dataSource.query(`delete from ledger.outbox where job_id = $1`, [id]);
    return id as string;
  }

  async job(id: string): Promise<JobRow> {
    const [row] = await this.dataSource.query<JobRow[]>(`select * from ledger.jobs where id = $1`, [id]);
    if (!row) throw new Error(`There is no job ${id}`);
    return row;
  }

  async jobs(): Promise<JobRow[]> {
    return this.dataSource.query(`select * from ledger.jobs order by id`);
  }

  async outbox(jobId?: string): Promise<OutboxRow[]> {
    return this.dataSource.query(
      `select id::text, job_id, delay_ms from ledger.outbox where job_id = coalesce($1, job_id) order by ledger.outbox.id`,
      [jobId ?? null],
    );
  }

  async historyTypes(jobId: string): Promise<string[]> {
    const rows = await this.dataSource.query<{ type: string }[]>(
      `select type from ledger.job_history where job_id = $1 order by id`,
      [jobId],
    );
    return rows.map((row) => row.type);
  }

  /** As if `seconds` had passed for these columns of the job. */
  async age(jobId: string, seconds: number, ...columns: (keyof JobRow)[]): Promise<void> {
    const sets = columns.map((column) => `${column} = ${column} - make_interval(secs => $2)`).join(', ');
    await this.dataSource.query(`update ledger.jobs set ${sets} where id = $1`, [jobId, seconds]);
  }
}
