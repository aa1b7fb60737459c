import { isFinal, type JobState } from '@roundhouse/jobs';
import type { DataSource } from 'typeorm';
import type { BrokerView } from './broker-view.js';
import { sayAside } from './explain-aside.js';
import { estimateEnd, type Eta, type RecentRuns } from './explain-eta.js';
import { explainJob } from './explain-job.js';
import { sayWhy, type Holdup } from './explain-reason.js';
import { Holdups, kindsOfQueue, type ExplainedJob } from './holdups.js';
import type { HistoryFact } from './job-facts.js';
import type { TimeAccount } from './time-account.js';

export interface Explanation {
  id: string;
  state: JobState;
  account: TimeAccount;
  holdup: Holdup;
  /** Why it is not running now, in one sentence. */
  why: string;
  eta: Eta | undefined;
}

const epochMs = (column: string): string => `(extract(epoch from ${column}) * 1000)::float8`;
const times = [
  'run_at',
  'due_at',
  'received_at',
  'created_at',
  'started_at',
  'progressed_at',
  'cancel_requested_at',
  'finished_at',
];
const maxEntries = 20_000;

/** Accounts for the time of jobs and says what holds them up. Every query is bounded to one tenant. */
export class Explanations {
  private readonly holdups: Holdups;

  constructor(
    private readonly dataSource: DataSource,
    private readonly broker: BrokerView,
  ) {
    this.holdups = new Holdups(dataSource, broker);
  }

  /** Undefined: the tenant has no such job. */
  async explain(tenantId: string, id: string): Promise<Explanation | undefined> {
    const found = await this.read(tenantId, id);
    if (!found) return undefined;
    const { job, history } = found;
    const account = explainJob({
      now: job.now,
      state: job.state,
      receivedAt: job.received_at ?? undefined,
      createdAt: job.created_at,
      finishedAt: job.finished_at ?? undefined,
      inOutbox: job.in_outbox,
      relayedAt: job.relayed_at ?? undefined,
      history,
    });
    const pause = isFinal(job.state) ? undefined : await this.holdups.pauseOf(job);
    const holdup = await this.holdups.of(job, pause);
    const waitedMs = job.now - (account.segments.at(-1)?.from ?? job.now);
    const aside = sayAside(holdup, { pause, trouble: this.broker.trouble() }, job.now);
    const open = holdup.type !== 'over' && aside === '';
    const eta = open ? estimateEnd(holdup, await this.recentRuns(job), job.now) : undefined;
    return { id, state: job.state, account, holdup, why: `${sayWhy(holdup, waitedMs, job.now)}${aside}`, eta };
  }

  /** The row and its history as of one moment: a job that moves on meanwhile would not add up. */
  private async read(tenantId: string, id: string): Promise<{ job: ExplainedJob; history: HistoryFact[] } | undefined> {
    return this.dataSource.transaction('REPEATABLE READ', async (tx) => {
      const [job] = await tx.query<ExplainedJob[]>(
        `select j.id, j.tenant_id, j.kind, j.queue, j.state, j.attempt, j.timeout_ms, j.priority, j.worker_id, j.blocked_on, j.progress, j.error,
                j.dispatched_at, ${times.map((column) => `${epochMs(`j.${column}`)} as ${column}`).join(', ')},
                exists (select from ledger.outbox o where o.job_id = j.id) as in_outbox,
                (select ${epochMs('r.at')} from ledger.relayed r
                 where r.at >= j.dispatched_at and j.dispatched_at = any(r.queued_at) order by r.at limit 1) as relayed_at,
                (select h.detail->>'reason' from ledger.job_history h where h.job_id = j.id and h.type = j.state::text
                 order by h.id desc limit 1) as last_reason,
                ${epochMs('clock_timestamp()')} as now
         from ledger.jobs j where j.id = $1 and j.tenant_id = $2`,
        [id, tenantId],
      );
      if (!job) return undefined;
      const history = await tx.query<HistoryFact[]>(
        `select type, attempt, ${epochMs('at')} as at, coalesce(detail, '{}') as detail from ledger.job_history
         where job_id = $1 and type <> 'progress' order by id limit ${maxEntries}`,
        [id],
      );
      return { job, history };
    });
  }

  private async recentRuns({ kind, queue }: ExplainedJob): Promise<RecentRuns | undefined> {
    const [row] = await this.dataSource.query<{ samples: number; fast: number; slow: number; rate: number }[]>(
      `select r.samples, r.fast, r.slow, q.rate from (
         select count(*)::integer as samples, percentile_cont(0.1) within group (order by ms) as fast,
                percentile_cont(0.9) within group (order by ms) as slow
         from (select extract(epoch from finished_at - started_at)::float8 * 1000 as ms from ledger.jobs
               where kind = $1 and state = 'succeeded' and finished_at > clock_timestamp() - interval '1 hour'
               order by finished_at desc limit 200) s
       ) r, (
         -- The latest successes of each kind of the queue, over the time they took.
         select coalesce(sum(n / greatest(seconds, 0.001)), 0)::float8 as rate from unnest($2::text[]) k(kind), lateral (
           select count(*) as n, extract(epoch from clock_timestamp() - min(finished_at)) as seconds
           from (select finished_at from ledger.jobs j where j.kind = k.kind and j.state = 'succeeded'
                   and finished_at > clock_timestamp() - interval '5 minutes' order by finished_at desc limit 500) l
         ) p where n > 0
       ) q`,
      [kind, kindsOfQueue(queue)],
    );
    if (!row || row.samples === 0) return undefined;
    return { samples: row.samples, fastMs: row.fast, slowMs: row.slow, queuePerSecond: row.rate };
  }
}
