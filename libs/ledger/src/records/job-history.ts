import type { DataSource, EntityManager } from 'typeorm';
import { BatchParameters, queryPrepared } from '../storage/index.js';

/** Something that happened to a job: a change of state, or progress. */
export interface HistoryEntry {
  jobId: string;
  type: string;
  attempt: number;
  /** Milliseconds of the database's clock. */
  at: number;
  detail?: object;
}

export interface StoredHistoryEntry {
  id: string;
  job_id: string;
  type: string;
  attempt: number;
  at: Date;
  detail: Record<string, unknown> | null;
}

export async function insertHistory(tx: EntityManager, entries: readonly HistoryEntry[]): Promise<void> {
  if (entries.length === 0) return;
  const parameters = new BatchParameters();
  const id = parameters.array(
    'job_id',
    'uuid',
    entries.map((e) => e.jobId),
  );
  const column = (name: string, type: string, of: (entry: HistoryEntry) => unknown) =>
    parameters.column(name, type, entries.map(of));
  const type = column('type', 'text', (e) => e.type);
  const attempt = column('attempt', 'integer', (e) => e.attempt);
  const at = column('at', 'float8', (e) => e.at);
  const detail = column('detail', 'jsonb', (e) => (e.detail ? JSON.stringify(e.detail) : null));
  await queryPrepared(
    tx,
    `insert into ledger.job_history (job_id, type, attempt, at, detail)
     select ${id}, ${type}, ${attempt}, to_timestamp(${at} / 1000), ${detail} from ${parameters.source}`,
    parameters.values,
  );
}

/** Entries after the one with id `after`, oldest first. A job's row lock orders its entries, so none appears behind the cursor. */
export async function readHistory(
  dataSource: DataSource,
  jobIds: readonly string[],
  after: string,
  limit = 1_000,
): Promise<StoredHistoryEntry[]> {
  return dataSource.query<StoredHistoryEntry[]>(
    // Ordered by the column: a plain "id" would mean the text of the result, in which 10 comes before 9.
    `select h.id::text, h.job_id, h.type, h.attempt, h.at, h.detail from ledger.job_history h
     where h.job_id = any($1::uuid[]) and h.id > $2::bigint order by h.id limit $3`,
    [jobIds, after, limit],
  );
}
