import type { DataSource } from 'typeorm';
import type { OutColumn } from '../export/out-column.js';
import { templateSchema, type Column, type Template } from '../template/template.js';
import { headerOf } from '../template/header-of.js';
import { select } from './database.js';
import { recordJson } from './record-json.js';
import type { RecordQuery } from './record-query.js';
import { quoted, textOf } from './table-type.js';
import type { TargetTable } from './target-tables.js';

/** A column of records that is written. */
export interface RecordColumn extends OutColumn {
  name: string;
}

const batchRows = 1_000;

/** Reads records for exports. */
export class RecordExport {
  constructor(private readonly database: DataSource) {}

  /** The columns of a target's table as its templates name them, newest template first, and the time zone of that one. */
  async columnsOf(
    tenantId: string,
    target: string,
    table: TargetTable,
  ): Promise<{ columns: RecordColumn[]; timeZone: string }> {
    const rows = await select<{ definition: unknown }>(
      this.database,
      `select v.definition from spreadsheets.templates t
         join spreadsheets.template_versions v on v.template_id = t.id and v.version = t.version
        where t.tenant_id = $1 and v.definition ->> 'target' = $2
        order by t.deleted_at is not null, t.updated_at desc limit 50`,
      [tenantId, target],
    );
    const templates: Template[] = rows.map(({ definition }) => templateSchema.parse(definition));
    const columns = new Map<string, Column>();
    for (const template of templates)
      for (const column of template.columns)
        if (table.columns.has(column.name) && !columns.has(column.name)) columns.set(column.name, column);
    return {
      columns: [...columns.values()].map((column) => ({
        name: column.name,
        header: headerOf(column),
        type: column.type,
      })),
      timeZone: templates[0]?.time_zone ?? 'UTC',
    };
  }

  async count({ table, condition, parameters }: RecordQuery): Promise<number> {
    const [row] = await select<{ count: number }>(
      this.database,
      `select count(*)::int as count from ${table.sql} t where ${condition}`,
      parameters,
    );
    return row?.count ?? 0;
  }

  /**
   * The records as one moment has them, by key, in JSON arrays: of arrays of texts by the place of the columns, or of lines of JSON.
   * PostgreSQL makes the text, so a decimal keeps every digit and this process has next to nothing to do.
   */
  async *batches(query: RecordQuery, columns: readonly RecordColumn[], lines: boolean): AsyncIterable<string> {
    const { table, condition, parameters } = query;
    const runner = this.database.createQueryRunner();
    await runner.startTransaction('REPEATABLE READ');
    try {
      const row = (lines ? lineOf : textsOf)(table, columns);
      await runner.query(
        `declare export no scroll cursor for select ${row} as row from ${table.sql} t where ${condition} order by t._key`,
        parameters,
      );
      for (;;) {
        const rows = (await runner.query(`fetch ${batchRows} from export`)) as { row: unknown }[];
        if (rows.length === 0) return;
        yield JSON.stringify(rows.map((found) => found.row));
      }
    } finally {
      // Nothing was changed; ends the cursor as well.
      await runner.rollbackTransaction().catch(() => undefined);
      await runner.release();
    }
  }
}

function textsOf({ columns: known }: TargetTable, columns: readonly RecordColumn[]): string {
  const texts = columns.map(({ name }) => textOf(`t.${quoted(name)}`, known.get(name) ?? 'text'));
  return `array[${texts.join(', ')}]::text[]`;
}

function lineOf(table: TargetTable, columns: readonly RecordColumn[]): string {
  return `(${recordJson(
    table,
    columns.map(({ name }) => name),
  )})::text`;
}
