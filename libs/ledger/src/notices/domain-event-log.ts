import type { DataSource, EntityManager } from 'typeorm';

export interface NewDomainEvent {
  tenantId: string;
  jobId: string;
  type: string;
  payload: Uint8Array;
}

export interface StoredDomainEvent {
  /** Position in the tenant's feed; `Last-Event-ID` of the stream. */
  cursor: string;
  job_id: string;
  type: string;
  payload: Buffer;
  at: Date;
}

export async function insertDomainEvents(tx: EntityManager, events: readonly NewDomainEvent[]): Promise<void> {
  if (events.length === 0) return;
  await tx.query(
    `insert into ledger.domain_events (tenant_id, job_id, type, payload)
     select * from unnest($1::text[], $2::uuid[], $3::text[], $4::bytea[])`,
    [
      events.map((e) => e.tenantId),
      events.map((e) => e.jobId),
      events.map((e) => e.type),
      events.map((e) => Buffer.from(e.payload)),
    ],
  );
}

const cursorPattern = /^(\d{1,20})-(\d{1,19})$/;

/** What `readDomainEvents` can have given out: two numbers of 64 bits. */
export function isFeedCursor(cursor: string): boolean {
  const [, xid, id] = cursorPattern.exec(cursor) ?? [];
  return xid !== undefined && id !== undefined && BigInt(xid) < 2n ** 64n && BigInt(id) < 2n ** 63n;
}

/** Where a reader begins. */
export interface FeedStart {
  cursor: string;
  /** Of the database: what was committed then is left out, although it may come after the cursor. */
  snapshot?: string;
}

export interface DomainEventsQuery {
  /** @default 500 */
  limit?: number;
  /** @see FeedStart.snapshot */
  since?: string;
}

/**
 * Events of a tenant after `cursor` ("<transaction>-<id>"), in an order in which nothing can appear behind a reader: by
 * transaction, and only of transactions older than every one still under way, in whichever database of the server.
 */
export async function readDomainEvents(
  dataSource: DataSource,
  tenantId: string,
  cursor: string,
  { limit = 500, since }: DomainEventsQuery = {},
): Promise<StoredDomainEvent[]> {
  const [, xid = '0', id = '0'] = cursorPattern.exec(cursor) ?? [];
  return dataSource.query<StoredDomainEvent[]>(
    `select xid::text || '-' || id as cursor, job_id, type, payload, at from ledger.domain_events
     where tenant_id = $1 and (xid, id) > ($2::text::xid8, $3::bigint) and xid < pg_snapshot_xmin(pg_current_snapshot())
       and ($5::pg_snapshot is null or not pg_visible_in_snapshot(xid, $5))
     order by xid, id limit $4`,
    [tenantId, xid, id, limit, since ?? null],
  );
}

/** For who wants what comes from now on: what is committed lies before it, what is under way after it. */
export async function endOfDomainEvents(dataSource: DataSource): Promise<Required<FeedStart>> {
  const [row] = await dataSource.query<{ xid: string; snapshot: string }[]>(
    `select (pg_snapshot_xmin(now)::text::numeric - 1)::text as xid, now::text as snapshot from pg_current_snapshot() now`,
  );
  return { cursor: `${row!.xid}-9223372036854775807`, snapshot: row!.snapshot };
}
