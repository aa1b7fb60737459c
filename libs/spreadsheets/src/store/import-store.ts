import type { Transaction } from '@roundhouse/jobs';
import type { DataSource } from 'typeorm';
import type { SourceColumn } from '../mapping/header-row.js';
import type { FailedRow } from '../process/requests.js';
import type { RowError } from '../rows/row-error.js';
import { select } from './database.js';
import { pageOf, positionOf, type Page, type PageRequest } from './page-position.js';

export type RunStatus = 'pending' | 'processing' | 'completed' | 'failed' | 'cancelled';
export type ImportModeName = 'partial' | 'all_or_nothing';

export interface ImportState {
  /** The job's. */
  id: string;
  tenantId: string;
  uploadId: string;
  templateId: string;
  templateVersion: number;
  target: string;
  fileName: string;
  status: RunStatus;
  message: string;
  dryRun: boolean;
  mode: ImportModeName;
  corrects: string | null;
  sheet: string | null;
  headerRow: number | null;
  columns: SourceColumn[] | null;
  mapping: Record<string, string> | null;
  /** Rows that the sheet has by its looks; an estimate until the end. */
  totalRows: number;
  /** The last row that is stored, or known to have failed. */
  cursorRow: number;
  rows: number;
  created: number;
  updated: number;
  unchanged: number;
  failed: number;
  /** Storage key of the annotated file. */
  failedFile: string | null;
  createdAt: Date;
  startedAt: Date | null;
  updatedAt: Date;
  finishedAt: Date | null;
  expiresAt: Date;
}

export interface NewImport {
  id: string;
  uploadId: string;
  templateId: string;
  templateVersion: number;
  target: string;
  fileName: string;
  dryRun: boolean;
  mode: ImportModeName;
  corrects?: string | undefined;
}

export interface BatchCounts {
  through: number;
  rows: number;
  created: number;
  updated: number;
  unchanged: number;
  failed: number;
}

const columns = `id, tenant_id as "tenantId", upload_id as "uploadId", template_id as "templateId",
  template_version as "templateVersion", target, file_name as "fileName", status, message, dry_run as "dryRun", mode, corrects,
  sheet, header_row as "headerRow", columns, mapping, total_rows as "totalRows", cursor_row as "cursorRow", rows, created, updated,
  unchanged, failed, failed_file as "failedFile", created_at as "createdAt", started_at as "startedAt", updated_at as "updatedAt",
  finished_at as "finishedAt", expires_at as "expiresAt"`;

export interface StoredRowError extends RowError {
  id: string;
  sheet: string;
}

/** Imports, how far they are and what they could not take. */
export class SheetImportStore {
  constructor(private readonly database: DataSource) {}

  /** Notes an import that shall run; the same again when it is noted already. */
  async create(tenantId: string, run: NewImport, keepMs: number): Promise<ImportState> {
    await select(
      this.database,
      `insert into spreadsheets.imports
         (id, tenant_id, upload_id, template_id, template_version, target, file_name, dry_run, mode, corrects, expires_at)
       values ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, now() + make_interval(secs => $11)) on conflict (id) do nothing`,
      [
        run.id,
        tenantId,
        run.uploadId,
        run.templateId,
        run.templateVersion,
        run.target,
        run.fileName,
        run.dryRun,
        run.mode,
        run.corrects,
        keepMs / 1000,
      ],
    );
    const found = await this.find(tenantId, run.id);
    if (!found) throw new Error(`Import ${run.id} belongs to another tenant`);
    return found;
  }

  async find(tenantId: string, id: string): Promise<ImportState | undefined> {
    const [row] = await select<ImportState>(
      this.database,
      `select ${columns} from spreadsheets.imports where tenant_id = $1 and id = $2 and expires_at > now()`,
      [tenantId, id],
    );
    return row;
  }

  async page(tenantId: string, { limit, cursor }: PageRequest): Promise<Page<ImportState>> {
    const { before, id } = positionOf(cursor);
    const rows = await select<ImportState>(
      this.database,
      `select ${columns} from spreadsheets.imports
        where tenant_id = $1 and expires_at > now() and (created_at, id) < ($2, $3::uuid)
        order by created_at desc, id desc limit $4`,
      [tenantId, before, id, limit + 1],
    );
    return pageOf(rows, limit);
  }

  /** What is being read; noted when the first rows come. */
  async started(
    id: string,
    found: {
      sheet: string;
      headerRow: number;
      columns: SourceColumn[];
      mapping: Record<string, string>;
      total: number;
    },
  ): Promise<void> {
    await select(
      this.database,
      `update spreadsheets.imports set status = 'processing', started_at = coalesce(started_at, now()), updated_at = now(),
              sheet = $2, header_row = $3, columns = $4, mapping = $5, total_rows = $6
        where id = $1 and status in ('pending', 'processing')`,
      [id, found.sheet, found.headerRow, JSON.stringify(found.columns), JSON.stringify(found.mapping), found.total],
    );
  }

  /** The import as it is, locked until the transaction ends. */
  async lock(tx: Transaction, id: string): Promise<ImportState> {
    const [row] = await tx.query<ImportState[]>(
      `select ${columns} from spreadsheets.imports where id = $1 for update`,
      [id],
    );
    return row!;
  }

  /** Moves the cursor and adds a batch's counts, in the transaction of its rows. */
  async advance(tx: Transaction, id: string, counts: BatchCounts): Promise<ImportState> {
    const [row] = await tx.query<ImportState[]>(
      `update spreadsheets.imports
          set cursor_row = $2, rows = rows + $3, created = created + $4, updated = updated + $5, unchanged = unchanged + $6,
              failed = failed + $7, updated_at = now(),
              expires_at = greatest(expires_at, now() + interval '1 hour')
        where id = $1 returning ${columns}`,
      [id, counts.through, counts.rows, counts.created, counts.updated, counts.unchanged, counts.failed],
    );
    return row!;
  }

  /** Rows that cannot be taken, with the reasons and their cells; in the transaction that moves the cursor behind them. */
  async addFailures(tx: Transaction, id: string, sheet: string, errors: RowError[], rows: FailedRow[]): Promise<void> {
    if (errors.length > 0) {
      await tx.query(
        `insert into spreadsheets.row_errors (import_id, sheet, row, column_name, value, rule, message)
         select $1, $2, e.row, e."column", e.value, e.rule, e.message
           from jsonb_to_recordset($3::jsonb) as e(row int, "column" text, value text, rule text, message text)`,
        [id, sheet, JSON.stringify(errors)],
      );
    }
    if (rows.length > 0) {
      await tx.query(
        `insert into spreadsheets.failed_rows (import_id, row, cells)
         select $1, f.row, f.cells from jsonb_to_recordset($2::jsonb) as f(row int, cells jsonb)`,
        [id, JSON.stringify(rows)],
      );
    }
  }

  /** In the order of the sheet. @param after id of the last one that is known */
  async rowErrors(id: string, limit: number, after = '0'): Promise<StoredRowError[]> {
    return select(
      this.database,
      `select id::text as id, sheet, row, column_name as "column", value, rule, message from spreadsheets.row_errors
        where import_id = $1 and id > $2::bigint order by spreadsheets.row_errors.id limit $3`,
      [id, after, limit],
    );
  }

  /** A page of failed rows with what is wrong with them, in the order of the sheet. */
  async failedRows(
    id: string,
    afterRow: number,
    limit: number,
  ): Promise<(FailedRow & { errors: { column: string; message: string }[] })[]> {
    return select(
      this.database,
      `select f.row, f.cells, coalesce(e.errors, '[]') as errors
         from (select row, cells from spreadsheets.failed_rows where import_id = $1 and row > $2 order by row limit $3) f
         left join lateral (
           select jsonb_agg(jsonb_build_object('column', column_name, 'message', message) order by id) as errors
             from spreadsheets.row_errors where import_id = $1 and row = f.row) e on true
        order by f.row`,
      [id, afterRow, limit],
    );
  }

  async finish(
    id: string,
    status: 'completed' | 'failed' | 'cancelled',
    message: string,
    keepMs: number,
  ): Promise<void> {
    await select(
      this.database,
      `update spreadsheets.imports set status = $2, message = $3, finished_at = coalesce(finished_at, now()), updated_at = now(),
              expires_at = now() + make_interval(secs => $4) where id = $1`,
      [id, status, message, keepMs / 1000],
    );
  }

  async setFailedFile(id: string, storageKey: string): Promise<void> {
    await select(this.database, `update spreadsheets.imports set failed_file = $2 where id = $1`, [id, storageKey]);
  }
}
