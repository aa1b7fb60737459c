import { JobFailure, type Transaction } from '@roundhouse/jobs';
import type { DataSource } from 'typeorm';
import type { Template } from '../template/template.js';
import { inTransaction, select } from './database.js';
import { fits, quoted, tableType, typeNames, type TableType } from './table-type.js';

/** The table of a target. */
export interface TargetTable {
  /** For SQL: schema and name, quoted. */
  sql: string;
  /** For people: `sheets_acme.products`. */
  name: string;
  /** What its columns are, as pg_type names it, in their order; without the platform's own, which begin with `_`. */
  columns: ReadonlyMap<string, string>;
}

type Shape = Pick<Template, 'target' | 'columns'>;

interface Row {
  schema: string;
  column: string | null;
  type: string | null;
}

const mostColumns = 1_000;

/**
 * Targets and their tables: one a target, in a schema of its tenant. A table gets the columns of every template that names it; none is ever
 * removed or changes its type.
 */
export class TargetTables {
  constructor(private readonly database: DataSource) {}

  /** Undefined when nothing was ever imported into it. */
  async find(tenantId: string, target: string, database: DataSource | Transaction = this.database) {
    const rows = await select<Row>(
      database,
      `select g.table_schema as schema, a.attname as column, y.typname as type
         from spreadsheets.targets g
         left join pg_attribute a on a.attrelid = to_regclass(format('%I.%I', g.table_schema, g.name))
                                 and a.attnum > 0 and not a.attisdropped and a.attname not like '\\_%'
         left join pg_type y on y.oid = a.atttypid
        where g.tenant_id = $1 and g.name = $2 order by a.attnum`,
      [tenantId, target],
    );
    if (!rows[0]) return undefined;
    const columns = rows.flatMap(({ column, type }) => (column && type ? [[column, type] as const] : []));
    const { schema } = rows[0];
    return {
      sql: `${quoted(schema)}.${quoted(target)}`,
      name: `${schema}.${target}`,
      columns: new Map(columns),
    } satisfies TargetTable;
  }

  /**
   * The table, made or widened so that rows of the template fit into it.
   * @throws JobFailure FAILED_PRECONDITION with the column when it has another type there
   */
  async shape(tenantId: string, template: Shape): Promise<TargetTable> {
    const known = await this.find(tenantId, template.target);
    if (known) refuseConflict(template, known);
    if (known && template.columns.every(({ name }) => known.columns.has(name))) return known;
    return inTransaction(this.database, async (tx) => {
      await tx.query(`select spreadsheets.shape_target($1, $2, $3, $4)`, [
        tenantId,
        template.target,
        template.columns.map(({ name }) => name),
        template.columns.map(({ type }) => tableType(type)),
      ]);
      const table = await this.find(tenantId, template.target, tx);
      // Another template may have been faster with a column of the same name.
      refuseConflict(template, table!);
      return table!;
    });
  }

  /**
   * Refuses a template whose columns cannot be those of its target.
   * @throws JobFailure FAILED_PRECONDITION with the column
   */
  async check(tenantId: string, template: Shape): Promise<void> {
    const known = await this.find(tenantId, template.target);
    if (known) refuseConflict(template, known);
  }

  /** Removes a target with its records. @throws JobFailure FAILED_PRECONDITION while something is being imported into it */
  async drop(tenantId: string, target: string): Promise<void> {
    await inTransaction(this.database, async (tx) => {
      const [running] = await tx.query<{ id: string }[]>(
        `select id from spreadsheets.imports
          where tenant_id = $1 and target = $2 and status in ('pending', 'processing') and expires_at > now() and not dry_run limit 1`,
        [tenantId, target],
      );
      if (running)
        throw new JobFailure('FAILED_PRECONDITION', `Import ${running.id} writes into "${target}"; cancel it first`);
      await tx.query(`select spreadsheets.drop_target($1, $2)`, [tenantId, target]);
    });
  }
}

function refuseConflict({ target, columns }: Shape, table: TargetTable): void {
  for (const [i, { name, type }] of columns.entries()) {
    const there = table.columns.get(name);
    if (there === undefined || fits(type, there)) continue;
    const known = typeNames[there as TableType] ?? there;
    throw new JobFailure(
      'FAILED_PRECONDITION',
      `Column "${name}" is ${type} in the template and ${known} in the target "${target}"; give it that type, another name, or another target`,
      { field: `columns.${i}.type` },
    );
  }
  const added = columns.filter(({ name }) => !table.columns.has(name)).length;
  if (table.columns.size + added > mostColumns)
    throw new JobFailure(
      'FAILED_PRECONDITION',
      `The target "${target}" would have more than ${mostColumns} columns; use another target`,
      { field: 'target' },
    );
}
