import {
  tableType,
  type ImportState,
  type RecordStore,
  type RowTarget,
  type TargetTables,
  type Template,
} from '@roundhouse/spreadsheets';
import type { DataSource } from 'typeorm';
import type { ImportOptions } from './import-options.js';

/** Finds out where the rows of an import go. */
export class TargetRows {
  constructor(
    private readonly database: DataSource,
    private readonly records: RecordStore,
    private readonly tables: TargetTables,
  ) {}

  /** Makes or widens the table; a trial leaves it as it is. FAILED_PRECONDITION when the template's columns cannot be the table's. */
  async open(
    { id, tenantId, dryRun }: ImportState,
    template: Template,
    { onExisting, rewriteUnchanged }: ImportOptions,
  ): Promise<RowTarget> {
    if (dryRun) await this.tables.check(tenantId, template);
    const table = dryRun
      ? await this.tables.find(tenantId, template.target)
      : await this.tables.shape(tenantId, template);
    const typeOf = (name: string, type: Template['columns'][number]['type']) =>
      table?.columns.get(name) ?? tableType(type);
    const empty = table === undefined || (await this.records.isEmpty(this.database, table));
    return {
      table,
      importId: id,
      columns: new Map(template.columns.map(({ name, type }) => [name, typeOf(name, type)])),
      withCells: onExisting === 'fail' || template.columns.some(({ type }) => type === 'reference'),
      onExisting,
      rewriteUnchanged,
      // Without a key every row is a new record.
      expectNew: template.key.length === 0 || empty,
    };
  }
}

/** A target that takes some of the template's columns: those that the sheet brings. */
export function withColumns(target: RowTarget, brought: readonly string[]): RowTarget {
  return { ...target, columns: new Map(brought.map((name) => [name, target.columns.get(name)!])) };
}
