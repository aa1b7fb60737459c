import type { Transaction } from '@roundhouse/jobs';
import { v5 } from 'uuid';
import { Decimal } from '../model/decimal.js';
import type { Fill, Side } from '../model/fill.js';
import type { Owner, TimeSpan } from './owner.js';
import { decodePageCursor, pageOf, type Page, type PageRequest } from './page-cursor.js';

/** A fill as an adapter gives it; numbers are decimal text. */
export interface FillRow {
  extId: string;
  symbol: string;
  side: Side;
  quantity: string;
  price: string;
  fee: string;
  feeCurrency: string;
  at: Date;
}

export interface UpsertedPage {
  /** New ones. */
  stored: number;
  /** Known ones whose content was different and has been replaced. */
  corrected: number;
  /** Known ones that were the same. */
  known: number;
}

/** A fill as it is shown; numbers are decimal text. */
export interface StoredFill extends FillRow {
  id: string;
  userId: string;
  broker: string;
}

export interface FillFilter extends TimeSpan {
  symbol?: string | undefined;
}

/** For calculating. */
export function fillOfRow(row: StoredFill): Fill {
  return { ...row, quantity: new Decimal(row.quantity), price: new Decimal(row.price), fee: new Decimal(row.fee) };
}

const namespace = 'b3b1f6a2-5d0c-5c55-9f0e-1f2d8f5b6a10';

/** The same fill has the same id wherever and however often it is imported, and so have the round trips made of it. */
function fillId({ tenantId, userId }: Owner, broker: string, extId: string): string {
  return v5(JSON.stringify([tenantId, userId, broker, extId]), namespace);
}

const columns = `id, user_id as "userId", broker, ext_id as "extId", symbol, side, quantity, price, fee,
  fee_currency as "feeCurrency", at`;

export class FillStore {
  constructor(private readonly database: Transaction) {}

  /**
   * Stores a page of one broker's fills in one statement. The page's order is the order of fills within one instant.
   * Imports of the same user take turns: two that store the same fills in different orders would deadlock.
   */
  async upsertPage(
    tx: Transaction,
    owner: Owner,
    broker: string,
    importId: string,
    rows: readonly FillRow[],
  ): Promise<UpsertedPage> {
    if (rows.length === 0) return { stored: 0, corrected: 0, known: 0 };
    const page = [...new Map(rows.map((row) => [row.extId, row])).values()];
    const [counts] = await tx.query<{ stored: number; corrected: number }[]>(
      `with turn as materialized (
         select pg_advisory_xact_lock(hashtextextended($1 || chr(31) || $2, 7461))
       ), upserted as (
         insert into trading.fills as f
           (id, tenant_id, user_id, broker, ext_id, symbol, side, quantity, price, fee, fee_currency, at, import_id)
         select p.id, $1, $2, $3, p.ext_id, p.symbol, p.side, p.quantity, p.price, p.fee, p.fee_currency, p.at, $4
           from turn, unnest($5::uuid[], $6::text[], $7::text[], $8::text[], $9::numeric[], $10::numeric[], $11::numeric[],
                             $12::text[], $13::timestamptz[])
                with ordinality as p(id, ext_id, symbol, side, quantity, price, fee, fee_currency, at, position)
          order by p.position
         on conflict (tenant_id, user_id, broker, ext_id) do update
           set symbol = excluded.symbol, side = excluded.side, quantity = excluded.quantity, price = excluded.price,
               fee = excluded.fee, fee_currency = excluded.fee_currency, at = excluded.at, import_id = excluded.import_id
           where (f.symbol, f.side, f.quantity, f.price, f.fee, f.fee_currency, f.at) is distinct from
                 (excluded.symbol, excluded.side, excluded.quantity, excluded.price, excluded.fee, excluded.fee_currency, excluded.at)
         returning f.xmax = 0 as inserted
       )
       select count(*) filter (where inserted)::int as stored, count(*) filter (where not inserted)::int as corrected
         from upserted`,
      [
        owner.tenantId,
        owner.userId,
        broker,
        importId,
        page.map((row) => fillId(owner, broker, row.extId)),
        page.map((row) => row.extId),
        page.map((row) => row.symbol),
        page.map((row) => row.side),
        page.map((row) => row.quantity),
        page.map((row) => row.price),
        page.map((row) => row.fee),
        page.map((row) => row.feeCurrency),
        page.map((row) => row.at),
      ],
    );
    const { stored, corrected } = counts!;
    return { stored, corrected, known: page.length - stored - corrected };
  }

  /** A user's fills in time order. To match lots, start with the first fill: only then are the lots of a later one known. */
  async inWindow({ tenantId, userId }: Owner, { since, until }: TimeSpan = {}): Promise<StoredFill[]> {
    return this.database.query<StoredFill[]>(
      `select ${columns} from trading.fills
        where tenant_id = $1 and user_id = $2
          and ($3::timestamptz is null or at >= $3) and ($4::timestamptz is null or at < $4)
        order by at, seq`,
      [tenantId, userId, since, until],
    );
  }

  async find({ tenantId, userId }: Owner, id: string): Promise<StoredFill | undefined> {
    const [found] = await this.database.query<StoredFill[]>(
      `select ${columns} from trading.fills where tenant_id = $1 and user_id = $2 and id = $3`,
      [tenantId, userId, id],
    );
    return found;
  }

  /** Changes whenever a fill of the user is added or corrected. */
  async version({ tenantId, userId }: Owner, database: Transaction = this.database): Promise<string> {
    const [row] = await database.query<{ version: string }[]>(
      `select concat_ws(':', count(*), max(seq), sum(hashtextextended(import_id::text, 0))) as version
         from trading.fills where tenant_id = $1 and user_id = $2`,
      [tenantId, userId],
    );
    return row!.version;
  }

  /** Newest first. */
  async page(
    { tenantId, userId }: Owner,
    filter: FillFilter,
    { limit, cursor }: PageRequest,
  ): Promise<Page<StoredFill>> {
    const after = decodePageCursor(cursor);
    const rows = await this.database.query<StoredFill[]>(
      `select ${columns} from trading.fills
        where tenant_id = $1 and user_id = $2
          and ($3::text is null or symbol = $3)
          and ($4::timestamptz is null or at >= $4) and ($5::timestamptz is null or at < $5)
          and ($6::timestamptz is null or (at, id) < ($6, $7::uuid))
        order by at desc, id desc limit $8`,
      [tenantId, userId, filter.symbol, filter.since, filter.until, after?.at, after?.id, limit + 1],
    );
    return pageOf(rows, limit, ({ at, id }) => ({ at, id }));
  }
}
