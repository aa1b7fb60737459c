import type { OutboxRow } from './outbox.js';

/** What goes out as one message. */
export type Parcel = [OutboxRow, ...OutboxRow[]];

/** A message is acknowledged when all its jobs are done: a long one would keep the others' broker copies for as long. */
const longestBundledMs = 600_000;
const maxBundleBytes = 256 * 1024;

/**
 * Divides rows into messages, in their order within each queue. Only jobs that have not been tried yet share one: what comes back is
 * alone, so that a job that kills its worker cannot take the same neighbours along again and again.
 */
export function parcelsOf(rows: readonly OutboxRow[], sizeOf: (queue: string) => number): Parcel[] {
  const parcels: Parcel[] = [];
  const open = new Map<string, { parcel: Parcel; room: number; bytes: number }>();
  for (const row of rows) {
    const bundle = mayShare(row) ? open.get(row.queue) : undefined;
    if (bundle && bundle.room > 0 && bundle.bytes + row.payload.length <= maxBundleBytes) {
      bundle.parcel.push(row);
      bundle.room -= 1;
      bundle.bytes += row.payload.length;
      continue;
    }
    const parcel: Parcel = [row];
    parcels.push(parcel);
    if (mayShare(row)) open.set(row.queue, { parcel, room: sizeOf(row.queue) - 1, bytes: row.payload.length });
  }
  return parcels;
}

const mayShare = ({ delay_ms: delayMs, fresh, timeout_ms: timeoutMs }: OutboxRow): boolean =>
  delayMs === 0 && fresh && timeoutMs <= longestBundledMs;
