import type { Transaction } from '@roundhouse/jobs';
import type { DataSource } from 'typeorm';
import { select } from './database.js';

export type OnExistingName = 'update' | 'skip' | 'fail';

/** Where the rows of a batch go. */
export interface RowTarget {
  targetId: string;
  importId: string;
  /** Columns of the template: theirs are the values that an update replaces, others stay. */
  columns: readonly string[];
  onExisting: OnExistingName;
  rewriteUnchanged: boolean;
  /**
   * Rows are expected to be new, and are inserted in two thirds of the time; a key that is there after all is an error, which `isKnownKey` knows.
   * Changed by what the batches bring.
   */
  expectNew: boolean;
}

export interface StoredCounts {
  created: number;
  updated: number;
  /** Were there with the same values, or are not to be touched. */
  unchanged: number;
}

/** The rows of a batch: a jsonb in binary form; none where they come from a table. */
export type JsonbRows = Buffer | null;

/** An insert of rows that were expected to be new met one that is there; to be done again without that expectation. */
export const isKnownKey = (error: unknown): boolean => (error as { code?: string }).code === '23505';

/** Rows come as the JSON array of a batch. A row without a key gets one of its own, the same whenever it is stored. */
const rowsOf = (json: string, importId: string) =>
  `select r, coalesce(k, ${importId} || ':' || r) as key, d from jsonb_to_recordset(${json}::jsonb) as x(r int, k text, d jsonb)`;

const merged = `(t.data - $4::text[]) || excluded.data`;

/** Records of all tenants and targets; which tenant a target belongs to is in `targets`. */
export class RecordStore {
  constructor(private readonly database: DataSource) {}

  /** The target of that name, made when there is none. */
  async targetId(tenantId: string, name: string): Promise<string> {
    await select(
      this.database,
      `insert into spreadsheets.targets (tenant_id, name) values ($1, $2) on conflict (tenant_id, name) do nothing`,
      [tenantId, name],
    );
    return (await this.findTarget(tenantId, name))!;
  }

  async findTarget(tenantId: string, name: string): Promise<string | undefined> {
    const [row] = await select<{ id: string }>(
      this.database,
      `select id::text as id from spreadsheets.targets where tenant_id = $1 and name = $2`,
      [tenantId, name],
    );
    return row?.id;
  }

  /** Whether a target has no records yet. */
  async isEmpty(targetId: string): Promise<boolean> {
    const rows = await select(this.database, `select 1 from spreadsheets.records where target_id = $1 limit 1`, [
      targetId,
    ]);
    return rows.length === 0;
  }

  /** Stores good rows. Sorted by key, so that two imports of the same keys wait for each other instead of deadlocking. */
  async store(tx: Transaction, target: RowTarget, rows: JsonbRows, count: number): Promise<StoredCounts> {
    const source = `select * from (${rowsOf('$3', '$2::text')}) x order by key`;
    if (target.expectNew) return this.insert(tx, target, source, rows, count);
    const stored = await this.upsert(tx, target, source, rows, count);
    // A sheet that begins with what is known may go on with what is not.
    target.expectNew = stored.created === count;
    return stored;
  }

  /** Keeps good rows for the end of an import that stores all or nothing. */
  async stage(tx: Transaction, { importId }: RowTarget, rows: JsonbRows): Promise<void> {
    await tx.query(
      `insert into spreadsheets.staged_rows (import_id, row, key, data)
       select $1::uuid, r, key, d from (${rowsOf('$2', '$1::text')}) x`,
      [importId, rows],
    );
  }

  /** Stores everything that was kept, in one transaction. */
  async storeStaged(tx: Transaction, target: RowTarget): Promise<StoredCounts> {
    const [{ count }] = await tx.query<[{ count: number }]>(
      `select count(*)::int as count from spreadsheets.staged_rows where import_id = $1`,
      [target.importId],
    );
    const staged = `select row as r, key, data as d from spreadsheets.staged_rows where import_id = $2::uuid and $3::jsonb is null order by key`;
    const counts = await this.upsert(tx, target, staged, null, count);
    await this.dropStaged(tx, target.importId);
    return counts;
  }

  async dropStaged(database: Transaction, importId: string): Promise<void> {
    await database.query(`delete from spreadsheets.staged_rows where import_id = $1`, [importId]);
  }

  /** What storing the rows would do. */
  async foresee(tx: Transaction, target: RowTarget, rows: JsonbRows, count: number): Promise<StoredCounts> {
    const [found] = await tx.query<[{ existing: number; same: number }]>(
      `select count(*)::int as existing,
              count(*) filter (where t.data = (t.data - $4::text[]) || x.d)::int as same
         from (${rowsOf('$3', '$2::text')}) x join spreadsheets.records t on t.target_id = $1 and t.key = x.key`,
      [target.targetId, target.importId, rows, target.columns],
    );
    const { existing, same } = found;
    const untouched = target.onExisting === 'skip' ? existing : target.rewriteUnchanged ? 0 : same;
    return { created: count - existing, updated: existing - untouched, unchanged: untouched };
  }

  /** The rows of a batch whose key is there already. */
  async existing(
    tx: Transaction,
    { targetId, importId }: RowTarget,
    rows: JsonbRows,
  ): Promise<{ row: number; key: string }[]> {
    return tx.query(
      `select x.r as row, x.key from (${rowsOf('$3', '$2::text')}) x
         join spreadsheets.records t on t.target_id = $1 and t.key = x.key order by x.r`,
      [targetId, importId, rows],
    );
  }

  /** Which of these keys a target does not have. */
  async missingKeys(tx: Transaction, targetId: string | undefined, keys: readonly string[]): Promise<Set<string>> {
    if (targetId === undefined) return new Set(keys);
    const rows = await tx.query<{ key: string }[]>(
      `select k.key from unnest($2::text[]) as k(key)
        where not exists (select 1 from spreadsheets.records t where t.target_id = $1 and t.key = k.key)`,
      [targetId, keys],
    );
    return new Set(rows.map(({ key }) => key));
  }

  private async insert(
    tx: Transaction,
    { targetId, importId }: RowTarget,
    source: string,
    rows: JsonbRows,
    count: number,
  ): Promise<StoredCounts> {
    await tx.query(
      `insert into spreadsheets.records (target_id, key, data, import_id, source_row)
       select $1::bigint, key, d, $2::uuid, r from (${source}) s`,
      [targetId, importId, rows],
    );
    return { created: count, updated: 0, unchanged: 0 };
  }

  private async upsert(
    tx: Transaction,
    target: RowTarget,
    source: string,
    rows: JsonbRows,
    count: number,
  ): Promise<StoredCounts> {
    const same = target.rewriteUnchanged ? '' : `where t.data is distinct from ${merged}`;
    const action =
      target.onExisting === 'skip'
        ? 'do nothing'
        : `do update set data = ${merged}, import_id = excluded.import_id, source_row = excluded.source_row,
                         updated_at = now() ${same}`;
    const [stored] = await tx.query<[{ created: number; updated: number }]>(
      // A row that this statement has inserted has no deleting transaction; one that it has updated carries ours.
      `with stored as (
         insert into spreadsheets.records as t (target_id, key, data, import_id, source_row)
         select $1::bigint, key, d, $2::uuid, r from (${source}) s where $4::text[] is not null
         on conflict (target_id, key) ${action} returning (xmax = 0) as created)
       select count(*) filter (where created)::int as created, count(*) filter (where not created)::int as updated from stored`,
      [target.targetId, target.importId, rows, target.columns],
    );
    return { ...stored, unchanged: count - stored.created - stored.updated };
  }
}
