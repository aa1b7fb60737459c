import {
  count,
  gauge,
  jobAttributes,
  messageAttributes,
  recordSpan,
  spanNames,
  tracingEnabled,
} from '@roundhouse/telemetry';
import type { Log } from '@roundhouse/jobs';
import type { DataSource } from 'typeorm';

/** A delivery to be sent: the job as workers need it, and how long it shall wait on the way. */
export interface Dispatch {
  jobId: string;
  tenantId: string;
  kind: string;
  version: number;
  queue: string;
  payload: Buffer;
  timeoutMs: number;
  enqueuedAt: Date;
  traceparent: string;
  delayMs: number;
}

export interface RelayOptions {
  /** Resolves when the broker has the message for good; rejects when no queue takes it. */
  publish(dispatch: Dispatch): Promise<void>;
  /** Whether publishing makes sense now. */
  canPublish(): boolean;
  log: Log;
  /** How often the outbox is looked at without a nudge. @default 200 */
  pollMs?: number;
  /** @default 500 */
  batchSize?: number;
}

interface Row {
  outbox_id: string;
  delay_ms: number;
  id: string;
  tenant_id: string;
  kind: string;
  version: number;
  queue: string;
  payload: Buffer;
  timeout_ms: number;
  created_at: Date;
  traceparent: string;
  live: boolean;
}

const lanes = 2;
// An open transaction holds its row locks; past this the rows are given back and sent again by whoever comes next.
const confirmPatienceMs = 15_000;

/**
 * Sends what the outbox holds: lock → publish → confirm → delete. A crash in between sends a delivery twice, which its
 * claim makes harmless. Any number of relays work side by side.
 */
export class Relay {
  private readonly running: Promise<void>[] = [];
  private wake: (() => void)[] = [];
  private nudged = false;
  private stopping = false;
  private readonly batchSize: number;

  constructor(
    private readonly dataSource: DataSource,
    private readonly options: RelayOptions,
  ) {
    this.batchSize = options.batchSize ?? 500;
  }

  start(): void {
    for (let lane = 0; lane < lanes; lane += 1) this.running.push(this.run());
  }

  /** There is something new in the outbox. */
  nudge(): void {
    this.nudged = true;
    this.wake.shift()?.();
  }

  async stop(): Promise<void> {
    this.stopping = true;
    for (const wake of this.wake.splice(0)) wake();
    await Promise.all(this.running);
  }

  private async run(): Promise<void> {
    while (!this.stopping) {
      let sent = 0;
      try {
        if (this.options.canPublish()) sent = await this.relayBatch();
      } catch (error) {
        this.options.log.warn({ error: String(error) }, 'outbox batch not sent');
      }
      if (sent < this.batchSize) await this.pause();
    }
  }

  private async pause(): Promise<void> {
    if (this.nudged) {
      this.nudged = false;
      return;
    }
    await new Promise<void>((resolve) => {
      const done = () => {
        clearTimeout(timer);
        this.wake = this.wake.filter((w) => w !== done);
        this.nudged = false;
        resolve();
      };
      const timer = setTimeout(done, this.options.pollMs ?? 200);
      this.wake.push(done);
    });
  }

  private async relayBatch(): Promise<number> {
    return this.dataSource.transaction(async (tx) => {
      const rows = await tx.query<Row[]>(
        `select o.id as outbox_id, o.delay_ms, j.id, j.tenant_id, j.kind, j.version, j.queue, j.payload, j.timeout_ms, j.created_at,
                j.traceparent, j.state in ('queued', 'retrying') as live
         from (select id, job_id, delay_ms from ledger.outbox order by id limit $1 for update skip locked) o
         join ledger.jobs j on j.id = o.job_id`,
        [this.batchSize],
      );
      if (rows.length === 0) return 0;
      const sent = await this.publishAll(rows);
      await tx.query(`delete from ledger.outbox where id = any($1::bigint[])`, [sent]);
      // A batch that could not be sent must not be tried again at once.
      return sent.length < rows.length ? 0 : rows.length;
    });
  }

  /** Ids of the rows that are done with. */
  private async publishAll(rows: Row[]): Promise<string[]> {
    const done: string[] = [];
    const start = new Date();
    const publications = rows.map(async (row) => {
      // Cancelled meanwhile: nothing to deliver.
      if (row.live) await this.publishOne(row, start);
      done.push(row.outbox_id);
    });
    await withPatience(Promise.allSettled(publications), confirmPatienceMs);
    return done;
  }

  private async publishOne(row: Row, start: Date): Promise<void> {
    const traceparent = this.trace(row, start);
    const { queue } = row;
    try {
      await this.options.publish({
        jobId: row.id,
        tenantId: row.tenant_id,
        kind: row.kind,
        version: row.version,
        queue,
        payload: row.payload,
        timeoutMs: row.timeout_ms,
        enqueuedAt: row.created_at,
        traceparent,
        delayMs: row.delay_ms,
      });
      count('publishes', { queue, outcome: 'confirmed' });
    } catch (error) {
      count('publishes', { queue, outcome: 'refused' });
      this.options.log.error(
        { error: String(error), job_id: row.id, queue },
        'delivery not published, it stays in the outbox',
      );
      throw error;
    }
  }

  /** The position in the trace that the delivery carries on. */
  private trace(row: Row, start: Date): string {
    if (!tracingEnabled()) return row.traceparent;
    const { id: jobId, tenant_id: tenant, kind, queue } = row;
    const attributes = { ...messageAttributes('send', queue, jobId), ...jobAttributes({ jobId, tenant, kind, queue }) };
    return recordSpan(spanNames.outboxPublish(queue), {
      kind: 'producer',
      parent: row.traceparent,
      attributes,
      start,
      end: new Date(),
    });
  }
}

async function withPatience(work: Promise<unknown>, ms: number): Promise<void> {
  let timer: NodeJS.Timeout | undefined;
  const patience = new Promise<void>((resolve) => (timer = setTimeout(resolve, ms)));
  await Promise.race([work, patience]);
  clearTimeout(timer);
}

/** Gauges of the outbox, read when metrics are scraped. */
export function observeOutbox(dataSource: DataSource): void {
  const read = async (sql: string) => (await dataSource.query<{ value: number }[]>(sql))[0]?.value;
  gauge('outboxSize', () => read(`select count(*)::float8 as value from ledger.outbox`));
  gauge('outboxAge', () =>
    read(
      `select coalesce(extract(epoch from clock_timestamp() - min(created_at)), 0)::float8 as value from ledger.outbox`,
    ),
  );
}
