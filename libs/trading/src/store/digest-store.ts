import type { Transaction } from '@roundhouse/jobs';
import { randomUUID } from 'node:crypto';
import type { Owner } from './owner.js';
import { decodePageCursor, pageOf, type Page, type PageRequest } from './page-cursor.js';
import { isUuid } from './uuid.js';

/** A digest without its content, for lists. */
export interface DigestSummary {
  id: string;
  userId: string;
  /** Monday, YYYY-MM-DD in `timeZone`. */
  periodStart: string;
  /** The next Monday, not part of it. */
  periodEnd: string;
  timeZone: string;
  trades: number;
  generatedAt: Date;
}

export interface StoredDigest extends DigestSummary {
  snapshot: unknown;
}

export interface DigestInput extends Omit<StoredDigest, 'id' | 'userId' | 'generatedAt'> {
  html: string;
}

const summary = `id, user_id as "userId", period_start::text as "periodStart", period_end::text as "periodEnd",
  time_zone as "timeZone", trades, generated_at as "generatedAt"`;

export class DigestStore {
  constructor(private readonly database: Transaction) {}

  /** One digest per user and week: writing it again replaces its content and keeps its id. */
  async save(tx: Transaction, { tenantId, userId }: Owner, digest: DigestInput): Promise<DigestSummary> {
    const [saved] = await tx.query<DigestSummary[]>(
      `insert into trading.digests (id, tenant_id, user_id, period_start, period_end, time_zone, trades, snapshot, html)
       values ($1, $2, $3, $4, $5, $6, $7, $8, $9)
       on conflict (tenant_id, user_id, period_start) do update
         set period_end = excluded.period_end, time_zone = excluded.time_zone, trades = excluded.trades,
             snapshot = excluded.snapshot, html = excluded.html, generated_at = now()
       returning ${summary}`,
      [
        randomUUID(),
        tenantId,
        userId,
        digest.periodStart,
        digest.periodEnd,
        digest.timeZone,
        digest.trades,
        JSON.stringify(digest.snapshot),
        digest.html,
      ],
    );
    return saved!;
  }

  async findByPeriod({ tenantId, userId }: Owner, periodStart: string): Promise<DigestSummary | undefined> {
    const [found] = await this.database.query<DigestSummary[]>(
      `select ${summary} from trading.digests where tenant_id = $1 and user_id = $2 and period_start = $3`,
      [tenantId, userId, periodStart],
    );
    return found;
  }

  async find(tenantId: string, id: string): Promise<StoredDigest | undefined> {
    if (!isUuid(id)) return undefined;
    const [found] = await this.database.query<StoredDigest[]>(
      `select ${summary}, snapshot from trading.digests where tenant_id = $1 and id = $2`,
      [tenantId, id],
    );
    return found;
  }

  async html(tenantId: string, id: string): Promise<string | undefined> {
    if (!isUuid(id)) return undefined;
    const [found] = await this.database.query<{ html: string }[]>(
      `select html from trading.digests where tenant_id = $1 and id = $2`,
      [tenantId, id],
    );
    return found?.html;
  }

  /** Newest week first. */
  async page({ tenantId, userId }: Owner, { limit, cursor }: PageRequest): Promise<Page<DigestSummary>> {
    const after = decodePageCursor(cursor);
    const rows = await this.database.query<DigestSummary[]>(
      `select ${summary} from trading.digests
        where tenant_id = $1 and user_id = $2
          and ($3::date is null or (period_start, id) < ($3::date, $4::uuid))
        order by period_start desc, id desc limit $5`,
      [tenantId, userId, after && after.at.toISOString().slice(0, 10), after?.id, limit + 1],
    );
    return pageOf(rows, limit, ({ periodStart, id }) => ({ at: new Date(`${periodStart}T00:00:00Z`), id }));
  }
}
