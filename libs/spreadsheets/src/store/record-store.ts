import type { Transaction } from '@roundhouse/jobs';
import type { FailedRow } from '../process/requests.js';
import type { SheetTransaction } from './database.js';
import { columnList, fillIncoming, ownColumns, type IncomingShape } from './incoming-rows.js';
import { quoted } from './table-type.js';
import type { TargetTable } from './target-tables.js';

export type OnExistingName = 'update' | 'skip' | 'fail';

/** Where the rows of an import go, and how. */
export interface RowTarget extends IncomingShape {
  /** Undefined for trials with a target that is not there yet. */
  table: TargetTable | undefined;
  importId: string;
  onExisting: OnExistingName;
  rewriteUnchanged: boolean;
  /**
   * Rows are expected to be new, and are copied right into the table; a key that is there after all is an error, which `isKnownKey` knows.
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

/** Rows that were expected to be new met one that is there; to be done again without that expectation. */
export const isKnownKey = (error: unknown): boolean => (error as { code?: string }).code === '23505';

const sets = (names: readonly string[]): string =>
  [...names, '_import_id', '_source_row'].map((name) => `${quoted(name)} = excluded.${quoted(name)}`).join(', ');
const valuesOf = (alias: string, names: readonly string[]): string =>
  `row(${names.map((name) => `${alias}.${quoted(name)}`).join(', ')})`;

/** The records of targets. Lines of rows are what `copyLine` makes: row, import, key, columns, cells. */
export class RecordStore {
  /** Whether a target has no records yet. */
  async isEmpty(database: Transaction, { sql }: TargetTable): Promise<boolean> {
    return (await database.query<unknown[]>(`select 1 from ${sql} limit 1`)).length === 0;
  }

  /** Adds rows whose keys are new. @throws an error that `isKnownKey` knows when one is not */
  async insert(tx: SheetTransaction, { table, columns }: RowTarget, lines: Buffer): Promise<void> {
    await tx.copy(`copy ${table!.sql} (${ownColumns}${columnList(columns.keys())}) from stdin`, lines);
  }

  /** Takes rows in for what follows: whatever is done with them is done in the same transaction. */
  async receive(tx: SheetTransaction, target: RowTarget, lines: Buffer): Promise<void> {
    await fillIncoming(tx, target, lines);
  }

  /** Removes rows from those that were received. @returns their cells */
  async reject(tx: Transaction, rows: readonly number[]): Promise<FailedRow[]> {
    return tx.query(
      `delete from pg_temp.incoming where _source_row = any($1::int[]) returning _source_row as row, _cells as cells`,
      [rows],
    );
  }

  /** Stores the received rows. By key, so that two imports of the same keys wait for each other instead of deadlocking. */
  async store(tx: Transaction, target: RowTarget, count: number): Promise<StoredCounts> {
    const names = [...target.columns.keys()];
    const list = `${ownColumns}${columnList(names)}`;
    const stored = await upsert(tx, target, `select ${list} from pg_temp.incoming order by _key`, []);
    // A sheet that begins with what is known may go on with what is not.
    target.expectNew = stored.created === count;
    return withUnchanged(stored, count);
  }

  /** Keeps the received rows for the end of an import that stores all or nothing. */
  async stage(tx: Transaction): Promise<void> {
    await tx.query(
      `insert into spreadsheets.staged_rows (import_id, row, key, data)
       select _import_id, _source_row, _key, jsonb_strip_nulls(to_jsonb(i) - '{_import_id,_source_row,_key,_cells}'::text[])
         from pg_temp.incoming i`,
    );
  }

  /** Stores everything that was kept, in one transaction. */
  async storeStaged(tx: Transaction, target: RowTarget): Promise<StoredCounts> {
    const [{ count }] = await tx.query<[{ count: number }]>(
      `select count(*)::int as count from spreadsheets.staged_rows where import_id = $1`,
      [target.importId],
    );
    const fields = [...target.columns.keys()].map((name) => `, d.${quoted(name)}`).join('');
    const staged = `select s.row, s.import_id, s.key${fields} from spreadsheets.staged_rows s
      cross join lateral jsonb_populate_record(null::${target.table!.sql}, s.data) d where s.import_id = $1 order by s.key`;
    const counts = await upsert(tx, target, staged, [target.importId]);
    await this.dropStaged(tx, target.importId);
    return withUnchanged(counts, count);
  }

  async dropStaged(database: Transaction, importId: string): Promise<void> {
    await database.query(`delete from spreadsheets.staged_rows where import_id = $1`, [importId]);
  }

  /** What storing the received rows would do. */
  async foresee(tx: Transaction, target: RowTarget, count: number): Promise<StoredCounts> {
    const { table, columns, onExisting, rewriteUnchanged } = target;
    if (!table) return { created: count, updated: 0, unchanged: 0 };
    const same = [...columns.keys()].map((name) =>
      // A column that the table would only get has no values yet.
      table.columns.has(name)
        ? `i.${quoted(name)} is not distinct from t.${quoted(name)}`
        : `i.${quoted(name)} is null`,
    );
    const [found] = await tx.query<[{ existing: number; same: number }]>(
      `select count(*)::int as existing, count(*) filter (where ${same.join(' and ') || 'true'})::int as same
         from pg_temp.incoming i join ${table.sql} t on t._key = i._key`,
    );
    const { existing } = found;
    const untouched = onExisting === 'skip' ? existing : rewriteUnchanged ? 0 : found.same;
    return { created: count - existing, updated: existing - untouched, unchanged: untouched };
  }

  /** The received rows whose key is there already. */
  async existing(tx: Transaction, { table }: RowTarget): Promise<{ row: number; key: string }[]> {
    if (!table) return [];
    return tx.query(
      `select i._source_row as row, i._key as key from pg_temp.incoming i join ${table.sql} t on t._key = i._key order by 1`,
    );
  }

  /** The received rows that refer to a key which its target does not have. */
  async dangling(
    tx: Transaction,
    column: string,
    referred: TargetTable | undefined,
  ): Promise<{ row: number; key: string }[]> {
    const field = `i.${quoted(column)}`;
    const there = referred
      ? `and not exists (select 1 from ${referred.sql} t where t._key = ${field} collate "C")`
      : '';
    return tx.query(
      `select i._source_row as row, ${field} as key from pg_temp.incoming i where ${field} is not null ${there} order by 1`,
    );
  }
}

type Upserted = Omit<StoredCounts, 'unchanged'>;

const withUnchanged = (stored: Upserted, count: number): StoredCounts => ({
  ...stored,
  unchanged: count - stored.created - stored.updated,
});

async function upsert(tx: Transaction, target: RowTarget, source: string, values: unknown[]): Promise<Upserted> {
  const names = [...target.columns.keys()];
  const changed = `where ${valuesOf('t', names)} is distinct from ${valuesOf('excluded', names)}`;
  const action =
    target.onExisting === 'skip'
      ? 'do nothing'
      : `do update set ${sets(names)}, _updated_at = now() ${target.rewriteUnchanged ? '' : changed}`;
  const [stored] = await tx.query<[Upserted]>(
    // A row that this statement has inserted has no deleting transaction; one that it has updated carries ours.
    `with stored as (
       insert into ${target.table!.sql} as t (${ownColumns}${columnList(names)}) ${source}
       on conflict (_key) ${action} returning (xmax = 0) as created)
     select count(*) filter (where created)::int as created, count(*) filter (where not created)::int as updated from stored`,
    values,
  );
  return stored;
}
