import type { DataSource } from 'typeorm';
import { select } from './database.js';
import type { RunStatus } from './import-store.js';
import { pageOf, positionOf, type Page, type PageRequest } from './page-position.js';

export type ExportFormatName = 'xlsx' | 'csv' | 'ndjson';

export interface ExportState {
  /** The job's. */
  id: string;
  status: RunStatus;
  message: string;
  format: ExportFormatName;
  /** Of the file, with its ending. */
  name: string;
  storageKey: string | null;
  rows: number;
  bytes: number;
  createdAt: Date;
  finishedAt: Date | null;
  expiresAt: Date;
}

const columns = `id, status, message, format, name, storage_key as "storageKey", rows, bytes::float8 as bytes,
  created_at as "createdAt", finished_at as "finishedAt", expires_at as "expiresAt"`;

/** Exports and their files. */
export class ExportStore {
  constructor(private readonly database: DataSource) {}

  /** Notes an export that shall run; the same again when it is noted already. */
  async create(
    tenantId: string,
    { id, format, name }: Pick<ExportState, 'id' | 'format' | 'name'>,
    keepMs: number,
  ): Promise<ExportState> {
    await select(
      this.database,
      `insert into spreadsheets.exports (id, tenant_id, format, name, expires_at)
       values ($1, $2, $3, $4, now() + make_interval(secs => $5)) on conflict (id) do nothing`,
      [id, tenantId, format, name, keepMs / 1000],
    );
    const found = await this.find(tenantId, id);
    if (!found) throw new Error(`Export ${id} belongs to another tenant`);
    return found;
  }

  async find(tenantId: string, id: string): Promise<ExportState | undefined> {
    const [row] = await select<ExportState>(
      this.database,
      `select ${columns} from spreadsheets.exports where tenant_id = $1 and id = $2 and expires_at > now()`,
      [tenantId, id],
    );
    return row;
  }

  async page(tenantId: string, { limit, cursor }: PageRequest): Promise<Page<ExportState>> {
    const { before, id } = positionOf(cursor);
    const rows = await select<ExportState>(
      this.database,
      `select ${columns} from spreadsheets.exports
        where tenant_id = $1 and expires_at > now() and (created_at, id) < ($2, $3::uuid)
        order by created_at desc, id desc limit $4`,
      [tenantId, before, id, limit + 1],
    );
    return pageOf(rows, limit);
  }

  /** Its worker knows what the file is called: whoever noted the export may not have known its source. */
  async started(id: string, name: string): Promise<void> {
    await select(
      this.database,
      `update spreadsheets.exports set status = 'processing', name = $2, updated_at = now() where id = $1 and status in ('pending', 'processing')`,
      [id, name],
    );
  }

  async finish(
    id: string,
    end: { status: RunStatus; message: string; storageKey?: string; rows?: number; bytes?: number },
    keepMs: number,
  ): Promise<void> {
    const { status, message, storageKey, rows = 0, bytes = 0 } = end;
    await select(
      this.database,
      `update spreadsheets.exports set status = $2, message = $3, storage_key = $4, rows = $5, bytes = $6,
              finished_at = coalesce(finished_at, now()), updated_at = now(), expires_at = now() + make_interval(secs => $7)
        where id = $1`,
      [id, status, message, storageKey, rows, bytes, keepMs / 1000],
    );
  }
}
