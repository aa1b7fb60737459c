import type { DataSource, EntityManager } from 'typeorm';

/** Until then a mark that has not come through counts as under way; a broker that was wiped has lost it. */
const resendMs = 5_000;

/**
 * What workers have reported lies in a queue until a gateway applies it: behind an outage of the gateways, for minutes. So that no lease runs out over an
 * outcome that waits there, a mark is sent through that queue when a lease is over: once it has come through, so has everything that was reported before it.
 */
export class EventsMark {
  private sentAt = -Infinity;

  /** @param send publishes a mark with this time of the database's clock behind all that has been reported */
  constructor(private readonly send: (at: Date) => void) {}

  /** Up to when reports have been applied. Sends a mark when a lease is over that it does not cover. */
  async appliedTo(tx: EntityManager): Promise<Date | '-infinity'> {
    const [row] = await tx.query<{ applied_to: Date | '-infinity'; now: Date; uncovered: boolean }[]>(
      `select m.applied_to, clock_timestamp() as now, exists (
         select from ledger.jobs j where j.due_at <= clock_timestamp() and j.due_at > m.applied_to
           and j.state = 'running' and j.cancel_requested_at is null) as uncovered
       from ledger.events_mark m`,
    );
    if (!row) throw new Error('The row of ledger.events_mark is missing');
    if (row.uncovered && performance.now() - this.sentAt > resendMs) {
      this.sentAt = performance.now();
      this.send(row.now);
    }
    if (!row.uncovered) this.sentAt = -Infinity;
    return row.applied_to;
  }
}

/** A mark has come through. One from the future says no more than one from now. */
export async function recordMark(dataSource: DataSource, at: Date): Promise<void> {
  await dataSource.query(
    `update ledger.events_mark set applied_to = greatest(applied_to, least($1::timestamptz, clock_timestamp()))`,
    [at],
  );
}
