import { catalogue } from '@roundhouse/contracts';
import { isFinal, type JobState } from '@roundhouse/jobs';
import type { DataSource } from 'typeorm';
import type { BrokerView } from './broker-view.js';
import type { Holder, Holdup, PauseFact } from './explain-reason.js';
import { contractLimit, pauseOf, readPauses } from '../limits/index.js';
import { operatorTenant } from '../tenancy/index.js';
import { stuckness } from './stuck-jobs.js';

/** A job as the reader of explanations sees it; times in ms of the ledger's clock. */
export interface ExplainedJob {
  id: string;
  tenant_id: string;
  kind: string;
  queue: string;
  state: JobState;
  attempt: number;
  timeout_ms: number;
  priority: number;
  worker_id: string | null;
  blocked_on: string | null;
  error: { code: string; message: string } | null;
  run_at: number;
  due_at: number | null;
  received_at: number | null;
  created_at: number;
  dispatched_at: Date;
  started_at: number | null;
  progress: number | null;
  progressed_at: number | null;
  cancel_requested_at: number | null;
  finished_at: number | null;
  in_outbox: boolean;
  relayed_at: number | null;
  last_reason: string | null;
  now: number;
}

const epochMs = (column: string): string => `(extract(epoch from ${column}) * 1000)::float8`;
// Nobody needs to know whether 10,000 or 100,000 are ahead, and counting them all takes long.
const countedAhead = 10_000;

/** Finds out what holds a job up right now, and who. */
export class Holdups {
  constructor(
    private readonly dataSource: DataSource,
    private readonly broker: BrokerView,
  ) {}

  /** @param pause the one that keeps it from being granted, whether or not it has come that far */
  async of(job: ExplainedJob, pause: PauseFact | undefined): Promise<Holdup> {
    const { state } = job;
    if (isFinal(state))
      return { type: 'over', state, error: job.error ? `${job.error.code}: ${job.error.message}` : undefined };
    if (state === 'running') return this.running(job);
    if (state === 'blocked') return this.blocked(job, job.blocked_on ?? '');
    if (state === 'queued' || (state === 'retrying' && job.run_at <= job.now)) return this.queued(job, pause);
    if (state === 'retrying') return { type: 'retry', at: job.run_at, attempt: job.attempt, error: job.error?.code };
    return { type: 'scheduled', at: job.run_at, because: becauseOf(job.last_reason) };
  }

  async pauseOf(job: ExplainedJob): Promise<PauseFact | undefined> {
    const pauses = await readPauses(this.dataSource, job.tenant_id);
    const found = pauseOf({ tenantId: job.tenant_id, queue: job.queue, kind: job.kind }, pauses);
    if (!found) return undefined;
    const { scope, value, reason, paused_by: by, paused_at: at } = found;
    return { scope, value, reason, by, since: at.getTime() };
  }

  private running(job: ExplainedJob): Holdup {
    const startedAt = job.started_at ?? job.now;
    const facts = {
      kind: job.kind,
      timeoutMs: job.timeout_ms,
      startedAt,
      progressedAt: job.progressed_at ?? undefined,
    };
    return {
      type: 'running',
      attempt: job.attempt,
      worker: job.worker_id ?? 'unknown',
      since: startedAt,
      progress: job.progress ?? undefined,
      stuck: stuckness(facts, job.now),
      cancelling: job.cancel_requested_at !== null,
    };
  }

  /** What would keep it from a worker is asked before its place in the queue is told. */
  private async queued(job: ExplainedJob, pause: PauseFact | undefined): Promise<Holdup> {
    const { queue } = job;
    if (pause) return { type: 'pause', ...pause };
    const trouble = this.broker.trouble();
    if (trouble) return { type: 'broker', queue, trouble };
    const consumed = await this.isConsumed(queue);
    if (job.in_outbox) {
      const ahead = await this.count(
        `select count(*)::integer as n from (
           select from ledger.outbox o, (select priority, id from ledger.outbox where job_id = $3 order by id limit 1) own
            where o.queue = $1 and o.tenant_id = $2 and o.delay_ms = 0
              and (o.priority > own.priority or (o.priority = own.priority and o.id < own.id))
           limit ${countedAhead}) a`,
        [queue, job.tenant_id, job.id],
      );
      return { type: 'outbox', queue, ahead, consumed };
    }
    const [ahead = { own: 0, all: 0 }] = await this.dataSource.query<{ own: number; all: number }[]>(
      `select count(*)::integer as all, count(*) filter (where tenant_id = $3 or $4)::integer as own from (
         select tenant_id from ledger.jobs j where j.queue = $1 and j.state = 'queued' and j.dispatched_at < $2
           and not exists (select from ledger.outbox o where o.job_id = j.id)
         limit ${countedAhead}) a`,
      [queue, job.dispatched_at, job.tenant_id, seesAll(job)],
    );
    return { type: 'backlog', queue, ahead: ahead.own, ofAll: ahead.all, consumed };
  }

  /** As the broker counts its consumers; a worker that was killed stays in the ledger's list for a minute. */
  private async isConsumed(queue: string): Promise<boolean> {
    const seen = await this.broker.look(queue);
    if (seen) return seen.consumers > 0;
    const listening = await this.count(
      `select count(*)::integer as n from ledger.workers
       where $1 = any(queues) and not stopping and seen_at > clock_timestamp() - interval '1 minute'`,
      [queue],
    );
    return listening > 0;
  }

  private async blocked(job: ExplainedJob, on: string): Promise<Holdup> {
    const [what = '', ...rest] = on.split(':');
    switch (what) {
      case 'slot':
        return this.slot(job, rest.join(':'));
      case 'token':
        return this.token(job, rest.join(':'));
      case 'pause':
        return this.pause(rest);
      case 'dependency':
        return { type: 'dependency', unmet: await this.unmet(job.id) };
      default:
        return { type: 'unknown', on };
    }
  }

  private async slot(job: ExplainedJob, key: string): Promise<Holdup> {
    const [group = ''] = key.split('|');
    const rows = await this.dataSource.query<{ own: number | null; of_group: number | null }[]>(
      `select (select max_running from ledger.slot_limits where tenant_id = $2 and name = $1) as own,
              (select max_running from ledger.slot_limits where tenant_id = $2 and name = $3) as of_group`,
      [key, key.split('|')[1], group],
    );
    const holders = await this.dataSource.query<HolderRow[]>(
      `select h.job_id as "jobId", j.tenant_id as "tenantId", j.worker_id as worker, ${epochMs('j.started_at')} as since
       from ledger.slot_holds h join ledger.jobs j on j.id = h.job_id where h.key = $1 order by j.started_at nulls last limit 1000`,
      [key],
    );
    const ahead = await this.count(
      `select count(*)::integer as n from (
         select from ledger.jobs where state = 'blocked' and blocked_on = $1 and id < $2 and (tenant_id = $3 or $4)
         limit ${countedAhead}) a`,
      [job.blocked_on, job.id, job.tenant_id, seesAll(job)],
    );
    const limit = rows[0]?.own ?? rows[0]?.of_group ?? contractLimit(group)?.limit ?? 1;
    // Of a limit that tenants share others' jobs are counted and not named.
    const named = holders.filter(({ tenantId }) => tenantId === job.tenant_id || seesAll(job));
    return { type: 'slot', key, used: holders.length, limit, ahead, holders: named.map(holderOf) };
  }

  private async token({ due_at: dueAt, now }: ExplainedJob, key: string): Promise<Holdup> {
    const [bucket] = await this.dataSource.query<{ until: number | null }[]>(
      `select ${epochMs('paused_until')} as until from ledger.rate_buckets where key = $1`,
      [key],
    );
    const paused = bucket?.until ?? 0;
    return { type: 'token', bucket: key, until: dueAt ?? undefined, pausedUntil: paused > now ? paused : undefined };
  }

  /** Of "<scope>:<value>:<owner>"; the owner is the tenant, or * for an operator's pause. */
  private async pause([scope = '', ...rest]: string[]): Promise<Holdup> {
    const value = rest.slice(0, -1).join(':');
    const [row] = await this.dataSource.query<{ reason: string; by: string; since: number }[]>(
      `select reason, paused_by as by, ${epochMs('paused_at')} as since from ledger.pauses
       where tenant_id = $1 and scope = $2 and value = $3`,
      [rest.at(-1), scope, value],
    );
    if (row) return { type: 'pause', scope, value, ...row };
    return { type: 'unknown', on: `its turn: ${scope} ${value} is not paused any more` };
  }

  private async unmet(id: string): Promise<{ ref: string; jobId: string; state: JobState }[]> {
    return this.dataSource.query(
      `select d.ref, d.depends_on as "jobId", o.state from ledger.dependencies d join ledger.jobs o on o.id = d.depends_on
       where d.job_id = $1 and not d.met order by d.depends_on`,
      [id],
    );
  }

  private async count(sql: string, parameters: unknown[]): Promise<number> {
    const [row] = await this.dataSource.query<{ n: number }[]>(sql, parameters);
    return row?.n ?? 0;
  }
}

interface HolderRow {
  jobId: string;
  tenantId: string;
  worker: string | null;
  since: number | null;
}

/** What is of all tenants is for operators, who look at jobs of their own tenant. */
const seesAll = ({ tenant_id: tenantId }: ExplainedJob): boolean => tenantId === operatorTenant;

const holderOf = ({ jobId, worker, since }: HolderRow): Holder => ({
  jobId,
  worker: worker ?? undefined,
  since: since ?? undefined,
});

function becauseOf(reason: string | null): Extract<Holdup, { type: 'scheduled' }>['because'] {
  if (reason === 'snoozed') return 'snooze';
  if (reason === 'no free slot') return 'slot';
  return reason === 'unsupported' ? 'version_skew' : 'run_at';
}

export const kindsOfQueue = (queue: string): string[] =>
  catalogue.kinds().flatMap((definition) => (definition.queue === queue ? [definition.kind] : []));
