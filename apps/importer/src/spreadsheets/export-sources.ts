import type { ExportSpreadsheetRequest } from '@roundhouse/contracts';
import { JobFailure } from '@roundhouse/jobs';
import {
  conditionOf,
  type RecordExport,
  type QueryStore,
  type RecordColumn,
  type RecordQuery,
  type SheetQuery,
  type TargetTables,
} from '@roundhouse/spreadsheets';

/** What an export writes. */
export interface ExportSource {
  /** For the file and its sheet. */
  name: string;
  query: RecordQuery;
  columns: RecordColumn[];
  timeZone: string;
}

/** Finds what a request names, for its tenant only. */
export class ExportSources {
  constructor(
    private readonly tables: TargetTables,
    private readonly queries: QueryStore,
    private readonly reader: RecordExport,
  ) {}

  /** NOT_FOUND for a target or query that the tenant does not have. */
  async open(tenantId: string, source: ExportSpreadsheetRequest['source']): Promise<ExportSource> {
    if (source?.$case === 'queryId') {
      const found = await this.queries.find(tenantId, source.value);
      if (!found) throw new JobFailure('NOT_FOUND', `There is no query ${source.value}`, { field: 'query_id' });
      return this.ofQuery(tenantId, found.query, 'query_id');
    }
    const target = source?.value ?? '';
    return this.ofQuery(tenantId, { name: target, target, columns: [], filters: [], time_zone: '' }, 'target');
  }

  private async ofQuery(tenantId: string, query: SheetQuery, field: string): Promise<ExportSource> {
    const table = await this.tables.find(tenantId, query.target);
    if (!table)
      throw new JobFailure('NOT_FOUND', `There is no target "${query.target}"; nothing was imported into it`, {
        field,
      });
    const known = await this.reader.columnsOf(tenantId, query.target, table);
    const asked = query.columns.map(({ name, header, type }) => ({ name, header: header ?? name, type }));
    return {
      name: query.name,
      query: conditionOf(table, query),
      columns: asked.length > 0 ? asked : known.columns,
      timeZone: query.time_zone || known.timeZone,
    };
  }
}
