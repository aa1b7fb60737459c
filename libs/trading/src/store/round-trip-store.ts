import type { Transaction } from '@roundhouse/jobs';
import type { RoundTrip } from '../lots/round-trip.js';
import { Decimal } from '../model/decimal.js';
import type { Owner, TimeSpan } from './owner.js';
import { decodePageCursor, pageOf, type Page, type PageRequest } from './page-cursor.js';
import { isUuid } from './uuid.js';

const columns = `id, user_id as "userId", symbol, direction, method, entry_fill_id as "entryFillId",
  exit_fill_id as "exitFillId", entry_at as "entryAt", exit_at as "exitAt", quantity, entry_price as "entryPrice",
  exit_price as "exitPrice", entry_cost as "entryCost", exit_cost as "exitCost", pnl`;

const decimals = ['quantity', 'entryPrice', 'exitPrice', 'entryCost', 'exitCost', 'pnl'] as const;

/** A round trip as it is stored and sent between threads: numbers are decimal text. */
export type RoundTripRow = Omit<RoundTrip, (typeof decimals)[number]> & Record<(typeof decimals)[number], string>;

export function rowOfRoundTrip(trip: RoundTrip): RoundTripRow {
  const texts = Object.fromEntries(decimals.map((name) => [name, trip[name].toFixed()]));
  return { ...trip, ...(texts as Record<(typeof decimals)[number], string>) };
}

/** For calculating. */
export function roundTripOfRow(row: RoundTripRow): RoundTrip {
  const numbers = Object.fromEntries(decimals.map((name) => [name, new Decimal(row[name])]));
  return { ...row, ...(numbers as Record<(typeof decimals)[number], Decimal>) };
}

/** One statement stores this many, so that building its parameters never holds up the process for long. */
const batchSize = 1000;

export interface RoundTripFilter extends TimeSpan {
  symbol?: string | undefined;
}

/** Round trips are worked out from all fills of a user: a fill that comes late changes the ones after it, too. */
export class RoundTripStore {
  constructor(private readonly database: Transaction) {}

  /** Waits until nobody else replaces what was worked out of the user's fills; holds until the end of the transaction. */
  async lock(tx: Transaction, { tenantId, userId }: Owner): Promise<void> {
    await tx.query(`select pg_advisory_xact_lock(hashtextextended($1 || chr(31) || $2, 7462))`, [tenantId, userId]);
  }

  /** Makes the user's round trips exactly these; those that are stored already are not written again. */
  async replaceAll(tx: Transaction, owner: Owner, trips: readonly RoundTripRow[]): Promise<void> {
    const { tenantId, userId } = owner;
    await tx.query(
      `delete from trading.round_trips t
        where tenant_id = $1 and user_id = $2
          and not exists (select from unnest($3::uuid[]) as kept(id) where kept.id = t.id)`,
      [tenantId, userId, trips.map((trip) => trip.id)],
    );
    for (let at = 0; at < trips.length; at += batchSize) await this.upsert(tx, owner, trips.slice(at, at + batchSize));
  }

  private async upsert(tx: Transaction, { tenantId, userId }: Owner, trips: readonly RoundTripRow[]): Promise<void> {
    const names = ['id', 'symbol', 'direction', 'method', 'entryFillId', 'exitFillId', 'entryAt', 'exitAt'] as const;
    await tx.query(
      `insert into trading.round_trips as t (tenant_id, user_id, id, symbol, direction, method, entry_fill_id, exit_fill_id,
         entry_at, exit_at, quantity, entry_price, exit_price, entry_cost, exit_cost, pnl)
       select $1, $2, n.* from unnest($3::uuid[], $4::text[], $5::text[], $6::text[], $7::uuid[], $8::uuid[],
         $9::timestamptz[], $10::timestamptz[], $11::numeric[], $12::numeric[], $13::numeric[], $14::numeric[],
         $15::numeric[], $16::numeric[]) as n
       on conflict (tenant_id, id) do update set exit_at = excluded.exit_at, entry_at = excluded.entry_at,
         quantity = excluded.quantity, entry_price = excluded.entry_price, exit_price = excluded.exit_price,
         entry_cost = excluded.entry_cost, exit_cost = excluded.exit_cost, pnl = excluded.pnl
       where (t.entry_at, t.exit_at, t.quantity, t.entry_price, t.exit_price, t.entry_cost, t.exit_cost, t.pnl) is distinct from
             (excluded.entry_at, excluded.exit_at, excluded.quantity, excluded.entry_price, excluded.exit_price,
              excluded.entry_cost, excluded.exit_cost, excluded.pnl)`,
      [tenantId, userId, ...[...names, ...decimals].map((name) => trips.map((trip) => trip[name]))],
    );
  }

  async find({ tenantId, userId }: Owner, id: string): Promise<RoundTripRow | undefined> {
    if (!isUuid(id)) return undefined;
    const [found] = await this.database.query<RoundTripRow[]>(
      `select ${columns} from trading.round_trips where tenant_id = $1 and user_id = $2 and id = $3`,
      [tenantId, userId, id],
    );
    return found;
  }

  /** Those with an exit in the window, in the order of their exits. */
  async inWindow({ tenantId, userId }: Owner, window: TimeSpan): Promise<RoundTripRow[]> {
    const rows = await this.database.query<RoundTripRow[]>(
      `select ${columns} from trading.round_trips
        where tenant_id = $1 and user_id = $2
          and ($3::timestamptz is null or exit_at >= $3) and ($4::timestamptz is null or exit_at < $4)
        order by exit_at, id`,
      [tenantId, userId, window.since, window.until],
    );
    return rows;
  }

  /** Newest exit first. */
  async page(
    { tenantId, userId }: Owner,
    filter: RoundTripFilter,
    { limit, cursor }: PageRequest,
  ): Promise<Page<RoundTripRow>> {
    const after = decodePageCursor(cursor);
    const rows = await this.database.query<RoundTripRow[]>(
      `select ${columns} from trading.round_trips
        where tenant_id = $1 and user_id = $2
          and ($3::text is null or symbol = $3)
          and ($4::timestamptz is null or exit_at >= $4) and ($5::timestamptz is null or exit_at < $5)
          and ($6::timestamptz is null or (exit_at, id) < ($6, $7::uuid))
        order by exit_at desc, id desc limit $8`,
      [tenantId, userId, filter.symbol, filter.since, filter.until, after?.at, after?.id, limit + 1],
    );
    return pageOf(rows, limit, ({ exitAt, id }) => ({ at: exitAt, id }));
  }
}
