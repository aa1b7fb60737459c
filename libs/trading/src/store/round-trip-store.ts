import type { Transaction } from '@roundhouse/jobs';
import type { RoundTrip } from '../lots/round-trip.js';
import { Decimal } from '../model/decimal.js';
import type { Owner, TimeSpan } from './owner.js';
import { decodePageCursor, pageOf, type Page, type PageRequest } from './page-cursor.js';
import { isUuid } from './uuid.js';

const columns = `id, user_id as "userId", symbol, direction, method, entry_fill_id as "entryFillId",
  exit_fill_id as "exitFillId", entry_at as "entryAt", exit_at as "exitAt", quantity, entry_price as "entryPrice",
  exit_price as "exitPrice", entry_cost as "entryCost", exit_cost as "exitCost", pnl`;

type Row = RoundTrip & Record<(typeof decimals)[number], string | Decimal>;
const decimals = ['quantity', 'entryPrice', 'exitPrice', 'entryCost', 'exitCost', 'pnl'] as const;

function withDecimals(row: Row): RoundTrip {
  for (const name of decimals) row[name] = new Decimal(row[name]);
  return row;
}

export interface RoundTripFilter extends TimeSpan {
  symbol?: string | undefined;
}

/** Round trips are worked out from fills, so a window of them is always replaced as a whole. */
export class RoundTripStore {
  constructor(private readonly database: Transaction) {}

  /** Replaces the round trips with an exit in the window. `trips` all have theirs in it. */
  async replaceWindow(
    tx: Transaction,
    { tenantId, userId }: Owner,
    window: TimeSpan,
    trips: RoundTrip[],
  ): Promise<void> {
    await tx.query(
      `delete from trading.round_trips
        where tenant_id = $1 and user_id = $2
          and ($3::timestamptz is null or exit_at >= $3) and ($4::timestamptz is null or exit_at < $4)`,
      [tenantId, userId, window.since, window.until],
    );
    const column = <K extends keyof RoundTrip>(name: K) => trips.map((trip) => trip[name]);
    const text = (name: (typeof decimals)[number]) => trips.map((trip) => trip[name].toFixed());
    await tx.query(
      `insert into trading.round_trips (tenant_id, user_id, id, symbol, direction, method, entry_fill_id, exit_fill_id,
         entry_at, exit_at, quantity, entry_price, exit_price, entry_cost, exit_cost, pnl)
       select $1, $2, t.* from unnest($3::uuid[], $4::text[], $5::text[], $6::text[], $7::uuid[], $8::uuid[],
         $9::timestamptz[], $10::timestamptz[], $11::numeric[], $12::numeric[], $13::numeric[], $14::numeric[],
         $15::numeric[], $16::numeric[]) as t
       on conflict (tenant_id, id) do update set exit_at = excluded.exit_at, entry_at = excluded.entry_at,
         quantity = excluded.quantity, entry_price = excluded.entry_price, exit_price = excluded.exit_price,
         entry_cost = excluded.entry_cost, exit_cost = excluded.exit_cost, pnl = excluded.pnl`,
      [
        tenantId,
        userId,
        column('id'),
        column('symbol'),
        column('direction'),
        column('method'),
        column('entryFillId'),
        column('exitFillId'),
        column('entryAt'),
        column('exitAt'),
        ...decimals.map(text),
      ],
    );
  }

  async find({ tenantId, userId }: Owner, id: string): Promise<RoundTrip | undefined> {
    if (!isUuid(id)) return undefined;
    const [found] = await this.database.query<Row[]>(
      `select ${columns} from trading.round_trips where tenant_id = $1 and user_id = $2 and id = $3`,
      [tenantId, userId, id],
    );
    return found && withDecimals(found);
  }

  /** Those with an exit in the window, in the order of their exits. */
  async inWindow({ tenantId, userId }: Owner, window: TimeSpan): Promise<RoundTrip[]> {
    const rows = await this.database.query<Row[]>(
      `select ${columns} from trading.round_trips
        where tenant_id = $1 and user_id = $2
          and ($3::timestamptz is null or exit_at >= $3) and ($4::timestamptz is null or exit_at < $4)
        order by exit_at, id`,
      [tenantId, userId, window.since, window.until],
    );
    return rows.map(withDecimals);
  }

  /** Newest exit first. */
  async page(
    { tenantId, userId }: Owner,
    filter: RoundTripFilter,
    { limit, cursor }: PageRequest,
  ): Promise<Page<RoundTrip>> {
    const after = decodePageCursor(cursor);
    const rows = await this.database.query<Row[]>(
      `select ${columns} from trading.round_trips
        where tenant_id = $1 and user_id = $2
          and ($3::text is null or symbol = $3)
          and ($4::timestamptz is null or exit_at >= $4) and ($5::timestamptz is null or exit_at < $5)
          and ($6::timestamptz is null or (exit_at, id) < ($6, $7::uuid))
        order by exit_at desc, id desc limit $8`,
      [tenantId, userId, filter.symbol, filter.since, filter.until, after?.at, after?.id, limit + 1],
    );
    return pageOf(rows.map(withDecimals), limit, ({ exitAt, id }) => ({ at: exitAt, id }));
  }
}
