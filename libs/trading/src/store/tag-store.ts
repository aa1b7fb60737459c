import type { Transaction } from '@roundhouse/jobs';
import type { BiasTag } from '../biases/bias-tag.js';
import type { Owner, TimeSpan } from './owner.js';
import { decodePageCursor, pageOf, type Page, type PageRequest } from './page-cursor.js';

export interface TagFilter extends TimeSpan {
  label?: string | undefined;
  scope?: BiasTag['scope'] | undefined;
}

/** One statement stores this many, so that building its parameters never holds up the process for long. */
const batchSize = 1000;

const columns = `id, user_id as "userId", label, scope, symbol, fill_id as "fillId", round_trip_id as "roundTripId", at,
  confidence, features, method, n, baseline, insight`;

export class TagStore {
  constructor(private readonly database: Transaction) {}

  /** Replaces the tags of both scopes with a time in the window: the latest scoring of a span of time speaks for it. */
  async replaceWindow(tx: Transaction, { tenantId, userId }: Owner, window: TimeSpan, tags: BiasTag[]): Promise<void> {
    await tx.query(
      `delete from trading.tags
        where tenant_id = $1 and user_id = $2
          and ($3::timestamptz is null or at >= $3) and ($4::timestamptz is null or at < $4)`,
      [tenantId, userId, window.since, window.until],
    );
    for (let at = 0; at < tags.length; at += batchSize) {
      await this.upsert(tx, { tenantId, userId }, window, tags.slice(at, at + batchSize));
    }
  }

  private async upsert(tx: Transaction, { tenantId, userId }: Owner, window: TimeSpan, tags: BiasTag[]): Promise<void> {
    const column = <K extends keyof BiasTag>(name: K) => tags.map((tag) => tag[name]);
    await tx.query(
      `insert into trading.tags (tenant_id, user_id, since, until, id, label, scope, symbol, fill_id, round_trip_id, at,
         confidence, features, method, n, baseline, insight)
       select $1, $2, case when t.scope = 'window' then $3::timestamptz end,
              case when t.scope = 'window' then $4::timestamptz end, t.*
         from unnest($5::uuid[], $6::text[], $7::text[], $8::text[], $9::uuid[], $10::uuid[], $11::timestamptz[],
              $12::float8[], $13::jsonb[], $14::text[], $15::int[], $16::float8[], $17::text[])
              as t(id, label, scope, symbol, fill_id, round_trip_id, at, confidence, features, method, n, baseline, insight)
       on conflict (tenant_id, id) do update set since = excluded.since, until = excluded.until, at = excluded.at,
         round_trip_id = excluded.round_trip_id, confidence = excluded.confidence, features = excluded.features,
         method = excluded.method, n = excluded.n, baseline = excluded.baseline, insight = excluded.insight`,
      [
        tenantId,
        userId,
        window.since,
        window.until,
        column('id'),
        column('label'),
        column('scope'),
        column('symbol'),
        column('fillId'),
        column('roundTripId'),
        column('at'),
        column('confidence'),
        tags.map((tag) => JSON.stringify(tag.features)),
        column('method'),
        column('n'),
        column('baseline'),
        column('insight'),
      ],
    );
  }

  /** In time order. */
  async inWindow({ tenantId, userId }: Owner, window: TimeSpan): Promise<BiasTag[]> {
    return this.database.query<BiasTag[]>(
      `select ${columns} from trading.tags
        where tenant_id = $1 and user_id = $2
          and ($3::timestamptz is null or at >= $3) and ($4::timestamptz is null or at < $4)
        order by at, id`,
      [tenantId, userId, window.since, window.until],
    );
  }

  /** Newest first. */
  async page({ tenantId, userId }: Owner, filter: TagFilter, { limit, cursor }: PageRequest): Promise<Page<BiasTag>> {
    const after = decodePageCursor(cursor);
    const rows = await this.database.query<BiasTag[]>(
      `select ${columns} from trading.tags
        where tenant_id = $1 and user_id = $2
          and ($3::text is null or label = $3) and ($4::text is null or scope = $4)
          and ($5::timestamptz is null or at >= $5) and ($6::timestamptz is null or at < $6)
          and ($7::timestamptz is null or (at, id) < ($7, $8::uuid))
        order by at desc, id desc limit $9`,
      [tenantId, userId, filter.label, filter.scope, filter.since, filter.until, after?.at, after?.id, limit + 1],
    );
    return pageOf(rows, limit, ({ at, id }) => ({ at, id }));
  }
}
