import { type Log, Rounds } from '@roundhouse/jobs';
import { logLine } from '@roundhouse/telemetry';
import type { DataSource } from 'typeorm';
import type { QueueLook } from './dispatch-window.js';
import type { Flights } from './flights.js';
import { Lookout, type Unseen } from './lookout.js';
import { takeStock } from './take-stock.js';

export interface SweeperOptions {
  /** What the broker says of a job queue; undefined when it cannot be asked now. */
  look(queue: string): Promise<QueueLook | undefined>;
  flights: Pick<Flights, 'of' | 'returned' | 'sync'>;
  onDispatch(): void;
  log: Log;
  /** @default 15000 */
  intervalMs?: number;
  /** How long a delivery must not have been seen anywhere, in ms. Three beats of a worker. @default 30000 */
  patienceMs?: number;
}

const batchSize = 5_000;
/** Several relays send side by side, and what comes back from a worker goes to its old place: order is not exact. */
const marginMs = 10_000;

/**
 * Finds queued jobs whose delivery the broker has lost, and sends them again: those that are neither in the outbox, nor named by a worker as held, nor
 * at the broker any more. A queue is first in, first out, so whatever was sent before something that has been claimed is not there any longer, and nothing
 * is in a queue that is empty.
 */
export class Sweeper {
  private readonly rounds: Rounds;
  private readonly lookout = new Lookout();

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

  /** How many were sent again. */
  async sweep(): Promise<number> {
    const { flights, onDispatch, patienceMs = 30_000 } = this.options;
    await flights.sync();
    const { now, held } = await this.held();
    this.lookout.update(await takeStock(this.dataSource), held, now);
    let total = 0;
    for (const [queue, unseen] of this.lookout.unseenFor(patienceMs, now))
      total += await this.sweepQueue(queue, unseen);
    if (total > 0) onDispatch();
    return total;
  }

  private async sweepQueue(queue: string, unseen: readonly Unseen[]): Promise<number> {
    const { flights, look, log } = this.options;
    const seen = await look(queue);
    if (!seen) return 0;
    const passed = flights.of(queue).claimedTo - marginMs;
    const sent = await this.dispatchAgain(seen.ready === 0 ? unseen : unseen.filter(({ since }) => since <= passed));
    if (sent > 0) logLine(log, 'sweeper.redispatched', { queue, ready: seen.ready, dispatched: sent });
    flights.returned(queue, sent);
    return sent;
  }

  /** What workers have said to hold, and when. */
  private async held(): Promise<{ now: number; held: Map<string, number> }> {
    const rows = await this.dataSource.query<{ now: number; id: string | null; seen_at: number | null }[]>(
      `select date_part('epoch', clock_timestamp()) * 1000 as now, h.id, date_part('epoch', h.seen_at) * 1000 as seen_at
       from (select) nobody left join (select unnest(held) as id, seen_at from ledger.workers) h on true`,
    );
    const held = new Map(rows.flatMap(({ id, seen_at: seenAt }) => (id && seenAt ? [[id, seenAt] as const] : [])));
    return { now: rows[0]?.now ?? 0, held };
  }

  private async dispatchAgain(lost: readonly Unseen[]): Promise<number> {
    let total = 0;
    for (let from = 0; from < lost.length; from += batchSize)
      total += await this.dispatchBatch(lost.slice(from, from + batchSize));
    return total;
  }

  /** Those that are still where they were seen. */
  private async dispatchBatch(lost: readonly Unseen[]): Promise<number> {
    const rows = await this.dataSource.query<{ job_id: string }[]>(
      `with lost as (
         select j.id, j.attempt, j.dispatched_at, to_timestamp(l.since / 1000) as last_seen
         from unnest($1::uuid[], $2::float8[], $3::float8[]) as l(id, dispatched_at, since) join ledger.jobs j on j.id = l.id
         where j.state = 'queued' and date_part('epoch', j.dispatched_at) * 1000 = l.dispatched_at
           and not exists (select from ledger.outbox o where o.job_id = j.id)
         order by j.id for update of j skip locked
       ), noted as (
         insert into ledger.job_history (job_id, type, attempt, at, detail)
         select id, 'redispatched', attempt, now(), jsonb_build_object('dispatched_at', dispatched_at, 'last_seen', last_seen)
         from lost order by id
       ), marked as (
         update ledger.jobs j set dispatched_at = now() from lost where j.id = lost.id returning j.id, j.queue, j.tenant_id, j.priority
       )
       insert into ledger.outbox (job_id, delay_ms, queue, tenant_id, priority)
       select id, 0, queue, tenant_id, priority from marked returning job_id`,
      [lost.map(({ id }) => id), lost.map(({ dispatchedAt }) => dispatchedAt), lost.map(({ since }) => since)],
    );
    return rows.length;
  }
}
