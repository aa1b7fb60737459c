import type { DataSource } from 'typeorm';
import { select } from './database.js';
import { recordJson } from './record-json.js';
import { quoted } from './table-type.js';
import { TargetTables } from './target-tables.js';

export interface TargetSummary {
  name: string;
  /** For SQL by hand: `sheets_acme.products`. */
  table: string;
  records: number;
  createdAt: Date;
}

export interface StoredRecord {
  key: string;
  data: Record<string, unknown>;
  importId: string;
  sourceRow: number;
  createdAt: Date;
  updatedAt: Date;
}

/** More are counted as this many. */
const countedUpTo = 1_000_000;

/** What has been imported, for people. */
export class TargetStore {
  private readonly tables: TargetTables;

  constructor(private readonly database: DataSource) {
    this.tables = new TargetTables(database);
  }

  /** By name. */
  async list(tenantId: string): Promise<TargetSummary[]> {
    const targets = await select<Omit<TargetSummary, 'records' | 'table'> & { schema: string }>(
      this.database,
      `select name, table_schema as schema, created_at as "createdAt" from spreadsheets.targets
        where tenant_id = $1 order by name limit 1000`,
      [tenantId],
    );
    const counts = await this.counts(targets.map(({ schema, name }) => `${quoted(schema)}.${quoted(name)}`));
    return targets.map(({ schema, name, createdAt }, i) => ({
      name,
      table: `${schema}.${name}`,
      records: counts[i] ?? 0,
      createdAt,
    }));
  }

  private async counts(tables: readonly string[]): Promise<number[]> {
    if (tables.length === 0) return [];
    const count = (table: string) => `(select count(*)::int from (select 1 from ${table} limit ${countedUpTo}) x)`;
    const [row] = await select<{ counts: number[] }>(
      this.database,
      `select array[${tables.map(count).join(', ')}] as counts`,
      [],
    );
    return row?.counts ?? [];
  }

  /** By key, those behind `after`. Undefined when there is no such target. */
  async records(tenantId: string, name: string, limit: number, after = ''): Promise<StoredRecord[] | undefined> {
    const table = await this.tables.find(tenantId, name);
    if (!table) return undefined;
    return select(
      this.database,
      `select _key as key, (${recordJson(table, [...table.columns.keys()])}) as data, _import_id as "importId",
              _source_row as "sourceRow", _created_at as "createdAt", _updated_at as "updatedAt"
         from ${table.sql} t where _key > $1 order by _key limit $2`,
      [after, limit],
    );
  }

  /** Removes a target with all its records and its table. Whether there was one. */
  async remove(tenantId: string, name: string): Promise<boolean> {
    if (!(await this.tables.find(tenantId, name))) return false;
    await this.tables.drop(tenantId, name);
    return true;
  }
}
