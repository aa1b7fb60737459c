import type { ExportSpreadsheetRequest } from '@roundhouse/contracts';
import { JobFailure } from '@roundhouse/jobs';
import {
  conditionOf,
  RecordExport,
  RecordStore,
  type QueryStore,
  type RecordColumn,
  type RecordQuery,
  type SheetQuery,
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
    private readonly records: RecordStore,
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
    const targetId = await this.records.findTarget(tenantId, query.target);
    if (targetId === undefined)
      throw new JobFailure('NOT_FOUND', `There is no target "${query.target}"; nothing was imported into it`, {
        field,
      });
    const known = await this.reader.columnsOf(tenantId, query.target);
    const asked = query.columns.map(({ name, header, type }) => ({ name, header: header ?? name, type }));
    const columns = asked.length > 0 ? asked : known.columns;
    const typeOf = (name: string) =>
      [...known.columns, ...columns].find((column) => column.name === name)?.type ?? ('string' as const);
    return {
      name: query.name,
      query: conditionOf(targetId, query.filters, typeOf),
      columns,
      timeZone: query.time_zone || known.timeZone,
    };
  }
}
