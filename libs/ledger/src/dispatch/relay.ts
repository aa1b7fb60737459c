import type { Log } from '@roundhouse/jobs';
import { logLine } from '@roundhouse/telemetry';
import type { DataSource, EntityManager } from 'typeorm';
import type { DispatchWindow } from './dispatch-window.js';
import { lockOutbox, readLanes, shareOut, type OutboxRow } from './outbox.js';
import { parcelsOf } from './parcels.js';
import { IdleWaits } from './idle-waits.js';
import { publishParcel, type Dispatch } from './publish-parcel.js';
import { removeRelayed } from './relayed.js';

export interface RelayOptions {
  /** Sends one message: a job, or several of one queue. Resolves when the broker has it for good; rejects when no queue takes it. */
  publish(dispatches: Dispatch[]): Promise<void>;
  /** Whether publishing makes sense now. */
  canPublish(): boolean;
  log: Log;
  /** How often the outbox is looked at without a nudge. @default 200 */
  pollMs?: number;
  /** @default 1000 */
  batchSize?: number;
  /** Keeps the broker's queues short. @default none: everything goes out at once */
  window?: DispatchWindow;
  /** How long a batch waits for its confirms, in ms. @default 15000 */
  confirmPatienceMs?: number;
}

const loops = 2;
// The window has no room: this soon it may have.
const heldBackMs = 25;
const defaultPollMs = 200;
// An open transaction holds its row locks; past this the rows are given back and sent again by whoever comes next.
const defaultConfirmPatienceMs = 15_000;

/**
 * Sends what the outbox holds: lock → publish → confirm → delete. A crash in between sends a delivery twice, which its
 * claim makes harmless. Any number of relays work side by side.
 */
export class Relay {
  private readonly running: Promise<void>[] = [];
  /** The database's clock minus ours: times of one job come from one clock. */
  private databaseAheadMs = 0;
  private readonly idle = new IdleWaits();
  private stopping = false;
  private readonly batchSize: number;
  /** Rows whose publication outlived its batch: the publisher is still at them and must not get them again. */
  private readonly late = new Set<string>();

  constructor(
    private readonly dataSource: DataSource,
    private readonly options: RelayOptions,
  ) {
    this.batchSize = options.batchSize ?? 1_000;
  }

  start(): void {
    for (let loop = 0; loop < loops; loop += 1) this.running.push(this.run());
  }

  /** There is something new in the outbox. */
  nudge(): void {
    this.idle.endOne();
  }

  async stop(): Promise<void> {
    this.stopping = true;
    this.idle.endAll();
    await Promise.all(this.running);
  }

  private async run(): Promise<void> {
    while (!this.stopping) {
      let pauseMs = this.options.pollMs ?? defaultPollMs;
      try {
        if (this.options.canPublish()) pauseMs = await this.relayBatch();
      } catch (error) {
        logLine(this.options.log, 'outbox.relay_failed', { error: String(error) });
      }
      if (pauseMs > 0 && !this.stopping) await this.idle.wait(pauseMs);
    }
  }

  /** Answers how long to wait before the next batch. */
  private async relayBatch(): Promise<number> {
    const pollMs = this.options.pollMs ?? defaultPollMs;
    return this.dataSource.transaction(async (tx) => {
      const { rows, heldBack } = await this.pick(tx);
      if (rows.length === 0) return heldBack ? heldBackMs : pollMs;
      const { sent, refused } = await this.publishAll(rows);
      if (sent.length > 0) await this.remove(tx, sent);
      // What no queue takes goes to the back of the line: it must not keep the others from being sent.
      if (refused.length > 0)
        await tx.query(`update ledger.outbox set id = default where ctid = any($1::tid[])`, [placesOf(refused)]);
      // A batch that could not be sent must not be tried again at once.
      if (sent.length < rows.length) return pollMs;
      return heldBack ? heldBackMs : rows.length < this.batchSize ? pollMs : 0;
    });
  }

  /** The rows whose turn it is; `heldBack`: there are more, but their queues are full for now. */
  private async pick(tx: EntityManager): Promise<{ rows: OutboxRow[]; heldBack: boolean }> {
    const { window } = this.options;
    const lanes = await readLanes(tx);
    const room = new Map<string, number>();
    for (const { queue } of lanes) if (!room.has(queue)) room.set(queue, window ? await window.room(queue) : Infinity);
    const shares = shareOut(lanes, room, this.batchSize);
    const rows = await lockOutbox(tx, shares, this.batchSize);
    const wanted = shares.reduce((sum, share) => sum + share.limit, 0);
    return { rows, heldBack: shares.length < lanes.length || (rows.length >= wanted && wanted < this.batchSize) };
  }

  /** The rows that are done with, and those that no queue takes. The rest is still under way. */
  private async publishAll(rows: OutboxRow[]): Promise<{ sent: OutboxRow[]; refused: OutboxRow[] }> {
    const sent: OutboxRow[] = [];
    const refused: OutboxRow[] = [];
    const errors = new Map<string, unknown>();
    const fresh = rows.filter((row) => !this.late.has(keyOf(row)));
    this.note(fresh, 1);
    // Cancelled meanwhile: nothing to deliver.
    for (const row of fresh) if (!row.live) sent.push(row);
    const parcels = parcelsOf(
      fresh.filter((row) => row.live),
      (queue) => this.options.window?.bundleSize(queue) ?? 1,
    );
    const publish = (dispatches: Dispatch[]) => this.options.publish(dispatches);
    const publications = parcels.map(async (parcel) => {
      const [{ queue }] = parcel;
      try {
        await publishParcel(parcel, new Date(Date.now() + this.databaseAheadMs), publish);
        sent.push(...parcel);
      } catch (error) {
        refused.push(...parcel);
        errors.set(queue, error);
      }
      for (const row of parcel) if (this.late.has(keyOf(row))) await this.settleLate(row, errors.get(queue));
    });
    await withPatience(Promise.all(publications), this.options.confirmPatienceMs ?? defaultConfirmPatienceMs);
    const settled = new Set([...sent, ...refused]);
    for (const row of fresh) if (!settled.has(row)) this.late.add(keyOf(row));
    this.note(refused, -1);
    for (const [queue, error] of errors) {
      logLine(this.options.log, 'publish.refused', { error: String(error), queue, refused: refused.length });
    }
    return { sent: [...sent], refused: [...refused] };
  }

  private async remove(tx: EntityManager, sent: readonly OutboxRow[]): Promise<void> {
    const now = await removeRelayed(tx, placesOf(sent));
    if (now !== undefined) this.databaseAheadMs = now - Date.now();
  }

  /** Its batch is over; a row that cannot be removed now is sent again. */
  private async settleLate(row: OutboxRow, refusal: unknown): Promise<void> {
    const { outbox_id: id, id: jobId, queue } = row;
    try {
      if (refusal !== undefined) throw refusal;
      await this.dataSource.query(`delete from ledger.outbox where job_id = $1 and id = $2`, [jobId, id]);
    } catch (error) {
      logLine(this.options.log, 'publish.late', { error: String(error), queue });
      this.note([row], -1);
    }
    this.late.delete(keyOf(row));
  }

  /** The window learns what will be under way (`sign` 1), before anybody can claim it, or is not after all (−1). */
  private note(rows: readonly OutboxRow[], sign: 1 | -1): void {
    const jobs = new Map<string, number>();
    for (const { queue, counted } of rows) if (counted) jobs.set(queue, (jobs.get(queue) ?? 0) + sign);
    for (const [queue, n] of jobs) this.options.window?.note(queue, n);
  }
}

/** Rows that were put first share their number. */
const keyOf = ({ outbox_id: id, id: jobId }: OutboxRow): string => `${id} ${jobId}`;
const placesOf = (rows: readonly OutboxRow[]): string[] => rows.map(({ place }) => place);

async function withPatience(work: Promise<unknown>, ms: number): Promise<void> {
  let timer: NodeJS.Timeout | undefined;
  const patience = new Promise<void>((resolve) => (timer = setTimeout(resolve, ms)));
  await Promise.race([work, patience]);
  clearTimeout(timer);
}
