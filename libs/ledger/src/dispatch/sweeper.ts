import { type Log, Rounds } from '@roundhouse/jobs';
import { logLine } from '@roundhouse/telemetry';
import type { DataSource } from 'typeorm';
import { bundleLimit, bundlesFrom } from './dispatch-window.js';

export interface SweeperOptions {
  /** Messages that the broker holds ready in a job queue; undefined when it cannot be asked now. */
  readyMessages(queue: string): Promise<number | undefined>;
  onDispatch(): void;
  log: Log;
  /** @default 15000 */
  intervalMs?: number;
  /** A delivery is not looked for before this age, in ms. @default 30000 */
  patienceMs?: number;
}

const batchSize = 5_000;

/** Only a queue with much to do has bundles; what is lost among many jobs shows when it gets short. */
const mostJobsOfAMessage = (jobs: number): number => (jobs < bundlesFrom ? 1 : bundleLimit);

/**
 * Finds queued jobs whose delivery the broker has lost, and sends them again. The ledger knows what should be in a queue;
 * where the broker holds fewer, all that are old enough go out once more: which of them are missing cannot be known, and
 * a second delivery of the others is dropped by its claim.
 */
export class Sweeper {
  private readonly rounds: Rounds;

  constructor(
    private readonly dataSource: DataSource,
    private readonly options: SweeperOptions,
  ) {
    this.rounds = new Rounds(() => this.sweep(), {
      pauseMs: options.intervalMs ?? 15_000,
      onError: (error) => logLine(options.log, 'sweeper.failed', { error: String(error) }),
    });
  }

  start(): void {
    this.rounds.start();
  }

  stop(): Promise<void> {
    return this.rounds.stop();
  }

  async sweep(): Promise<number> {
    let total = 0;
    for (const { queue, expected } of await this.expectations()) {
      const ready = await this.options.readyMessages(queue);
      if (ready === undefined || ready * mostJobsOfAMessage(expected) >= expected) continue;
      const sent = await this.dispatchAgain(queue);
      if (sent > 0) logLine(this.options.log, 'sweeper.redispatched', { queue, expected, ready, dispatched: sent });
      total += sent;
    }
    if (total > 0) this.options.onDispatch();
    return total;
  }

  /** Per queue, the jobs whose delivery should have been ready in the broker for a while. */
  private async expectations(): Promise<{ queue: string; expected: number }[]> {
    return this.dataSource.query(
      `select j.queue, count(*)::integer as expected from ledger.jobs j
       where j.state = 'queued' and j.dispatched_at < clock_timestamp() - make_interval(secs => $1)
         and not exists (select from ledger.outbox o where o.job_id = j.id)
       group by j.queue`,
      [this.patienceSeconds],
    );
  }

  private async dispatchAgain(queue: string): Promise<number> {
    let total = 0;
    for (let sent = batchSize; sent === batchSize; total += sent) sent = await this.dispatchBatch(queue);
    return total;
  }

  private async dispatchBatch(queue: string): Promise<number> {
    const rows = await this.dataSource.query<{ job_id: string }[]>(
      `with lost as (
         select j.id, j.attempt from ledger.jobs j
         where j.state = 'queued' and j.queue = $2 and j.dispatched_at < clock_timestamp() - make_interval(secs => $1)
           and not exists (select from ledger.outbox o where o.job_id = j.id)
         order by j.id limit ${batchSize} for update skip locked
       ), noted as (
         insert into ledger.job_history (job_id, type, attempt, at) select id, 'redispatched', attempt, now() from lost order by id
       ), marked as (
         update ledger.jobs j set dispatched_at = now() from lost where j.id = lost.id returning j.id, j.queue, j.tenant_id, j.priority
       )
       insert into ledger.outbox (job_id, delay_ms, queue, tenant_id, priority)
       select id, 0, queue, tenant_id, priority from marked returning job_id`,
      [this.patienceSeconds, queue],
    );
    return rows.length;
  }

  private get patienceSeconds(): number {
    return (this.options.patienceMs ?? 30_000) / 1000;
  }
}
