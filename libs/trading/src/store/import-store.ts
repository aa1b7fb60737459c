import type { RowError } from '@roundhouse/contracts';
import type { Transaction } from '@roundhouse/jobs';
import type { Owner } from './owner.js';
import { decodePageCursor, pageOf, type Page, type PageRequest } from './page-cursor.js';

/** How far an import is. */
export interface ImportState {
  /** The job's id. */
  id: string;
  userId: string;
  /** Where the source goes on; null before the first page. */
  cursor: string | null;
  pages: number;
  fetched: number;
  stored: number;
  failed: number;
  firstTradeAt: Date | null;
  lastTradeAt: Date | null;
  startedAt: Date;
  finishedAt: Date | null;
}

export interface ImportOrigin {
  connectionId?: string;
  storageKey?: string;
}

/** What one page adds. */
export interface ImportedPage {
  cursor: string;
  fetched: number;
  stored: number;
  rowErrors: RowError[];
  /** Of the page's usable fills. */
  firstTradeAt: Date | undefined;
  lastTradeAt: Date | undefined;
}

const columns = `id, user_id as "userId", cursor, pages, fetched, stored, failed, first_trade_at as "firstTradeAt",
  last_trade_at as "lastTradeAt", started_at as "startedAt", finished_at as "finishedAt"`;

export class ImportStore {
  constructor(private readonly database: Transaction) {}

  /** Starts an import, or finds it as an earlier attempt of the same job has left it. */
  async begin({ tenantId, userId }: Owner, id: string, origin: ImportOrigin): Promise<ImportState> {
    await this.database.query(
      `insert into trading.imports (id, tenant_id, user_id, connection_id, storage_key) values ($1, $2, $3, $4, $5)
       on conflict (id) do nothing`,
      [id, tenantId, userId, origin.connectionId, origin.storageKey],
    );
    const found = await this.find(tenantId, id);
    if (!found) throw new Error(`Import ${id} belongs to another tenant`);
    return found;
  }

  async find(tenantId: string, id: string): Promise<ImportState | undefined> {
    const [found] = await this.database.query<ImportState[]>(
      `select ${columns} from trading.imports where tenant_id = $1 and id = $2`,
      [tenantId, id],
    );
    return found;
  }

  /** Newest first. */
  async page({ tenantId, userId }: Owner, { limit, cursor }: PageRequest): Promise<Page<ImportState>> {
    const after = decodePageCursor(cursor);
    const rows = await this.database.query<ImportState[]>(
      `select ${columns} from trading.imports
        where tenant_id = $1 and user_id = $2 and ($3::timestamptz is null or (started_at, id) < ($3::timestamptz, $4::uuid))
        order by started_at desc, id desc limit $5`,
      [tenantId, userId, after?.at, after?.id, limit + 1],
    );
    return pageOf(rows, limit, ({ startedAt, id }) => ({ at: startedAt, id }));
  }

  /** Counts, cursor and row errors of a page, in the page's transaction. */
  async addPage(tx: Transaction, tenantId: string, id: string, page: ImportedPage): Promise<ImportState> {
    const [state] = await tx.query<ImportState[]>(
      `update trading.imports
          set cursor = $3, pages = pages + 1, fetched = fetched + $4, stored = stored + $5, failed = failed + $6,
              first_trade_at = least(first_trade_at, $7), last_trade_at = greatest(last_trade_at, $8), updated_at = now()
        where tenant_id = $1 and id = $2
       returning ${columns}`,
      [
        tenantId,
        id,
        page.cursor,
        page.fetched,
        page.stored,
        page.rowErrors.length,
        page.firstTradeAt,
        page.lastTradeAt,
      ],
    );
    if (page.rowErrors.length > 0) await this.addRowErrors(tx, tenantId, id, page.rowErrors);
    return state!;
  }

  async finish(tenantId: string, id: string): Promise<void> {
    await this.database.query(
      `update trading.imports set finished_at = coalesce(finished_at, now()), updated_at = now() where tenant_id = $1 and id = $2`,
      [tenantId, id],
    );
  }

  /** In the order of the source. */
  async rowErrors(tenantId: string, id: string, limit: number): Promise<RowError[]> {
    return this.database.query<RowError[]>(
      `select row_number as row, column_name as column, value, message from trading.import_row_errors
        where tenant_id = $1 and import_id = $2 order by id limit $3`,
      [tenantId, id, limit],
    );
  }

  private async addRowErrors(tx: Transaction, tenantId: string, id: string, errors: RowError[]): Promise<void> {
    // PostgreSQL's text holds no NUL; a broken file may.
    const clean = (text: string) => text.replaceAll('\0', '').slice(0, 500);
    await tx.query(
      `insert into trading.import_row_errors (tenant_id, import_id, row_number, column_name, value, message)
       select $1, $2, e.row_number, e.column_name, e.value, e.message
         from unnest($3::int[], $4::text[], $5::text[], $6::text[])
              with ordinality as e(row_number, column_name, value, message, position)
        order by e.position`,
      [
        tenantId,
        id,
        errors.map((error) => error.row),
        errors.map((error) => clean(error.column)),
        errors.map((error) => clean(error.value)),
        errors.map((error) => clean(error.message)),
      ],
    );
  }
}
