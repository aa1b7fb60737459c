import {
  count,
  gauge,
  jobAttributes,
  messageAttributes,
  spanNames,
  startSpan,
  tracingEnabled,
  type OpenSpan,
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
  /** How long a batch waits for its confirms, in ms. @default 15000 */
  confirmPatienceMs?: number;
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
const defaultConfirmPatienceMs = 15_000;

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
  /** Outbox ids whose publication outlived its batch: the publisher is still at them and must not get them again. */
  private readonly late = new Set<string>();

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
      if (sent < this.batchSize && !this.stopping) await this.pause();
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
      const { sent, refused } = await this.publishAll(rows);
      if (sent.length > 0) await tx.query(`delete from ledger.outbox where id = any($1::bigint[])`, [sent]);
      // What no queue takes goes to the back of the line: it must not keep the others from being sent.
      if (refused.length > 0)
        await tx.query(`update ledger.outbox set id = default where id = any($1::bigint[])`, [refused]);
      // A batch that could not be sent must not be tried again at once.
      return sent.length < rows.length ? 0 : rows.length;
    });
  }

  /** Ids of the rows that are done with, and of those that no queue takes. The rest is still under way. */
  private async publishAll(rows: Row[]): Promise<{ sent: string[]; refused: string[] }> {
    const sent: string[] = [];
    const refused: string[] = [];
    const errors = new Map<string, unknown>();
    const fresh = rows.filter((row) => !this.late.has(row.outbox_id));
    const publications = fresh.map(async (row) => {
      try {
        // Cancelled meanwhile: nothing to deliver.
        if (row.live) await this.publishOne(row);
        sent.push(row.outbox_id);
      } catch (error) {
        refused.push(row.outbox_id);
        errors.set(row.queue, error);
      }
      if (this.late.has(row.outbox_id)) await this.settleLate(row, errors.get(row.queue));
    });
    await withPatience(Promise.all(publications), this.options.confirmPatienceMs ?? defaultConfirmPatienceMs);
    const settled = new Set([...sent, ...refused]);
    for (const { outbox_id: id } of fresh) if (!settled.has(id)) this.late.add(id);
    for (const [queue, error] of errors) {
      this.options.log.error(
        { error: String(error), queue, refused: refused.length },
        'deliveries not published, they stay in the outbox',
      );
    }
    return { sent: [...sent], refused: [...refused] };
  }

  /** Its batch is over; a row that cannot be removed now is sent again. */
  private async settleLate({ outbox_id: id, queue }: Row, refusal: unknown): Promise<void> {
    try {
      if (refusal !== undefined) throw refusal;
      await this.dataSource.query(`delete from ledger.outbox where id = $1`, [id]);
    } catch (error) {
      this.options.log.warn({ error: String(error), queue }, 'late delivery stays in the outbox');
    }
    this.late.delete(id);
  }

  private async publishOne(row: Row): Promise<void> {
    const { queue } = row;
    const span = openSpan(row);
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
        traceparent: span?.traceparent ?? row.traceparent,
        delayMs: row.delay_ms,
      });
      count('publishes', { queue, outcome: 'confirmed' });
    } catch (error) {
      count('publishes', { queue, outcome: 'refused' });
      span?.fail(error);
      throw error;
    } finally {
      span?.end();
    }
  }
}

/** From here until the broker's confirm; the delivery carries its position in the trace on. */
function openSpan({ id: jobId, tenant_id: tenant, kind, queue, traceparent: parent }: Row): OpenSpan | undefined {
  if (!tracingEnabled()) return undefined;
  const attributes = { ...messageAttributes('send', queue, jobId), ...jobAttributes({ jobId, tenant, kind, queue }) };
  return startSpan(spanNames.outboxPublish(queue), { kind: 'producer', parent, attributes });
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
