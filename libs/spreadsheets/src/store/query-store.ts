import { JobFailure } from '@roundhouse/jobs';
import type { DataSource } from 'typeorm';
import { querySchema, type SheetQuery } from '../template/query.js';
import { select } from './database.js';
import { pageOf, positionOf, type Page, type PageRequest } from './page-position.js';

export interface StoredQuery {
  id: string;
  query: SheetQuery;
  createdAt: Date;
}

const columns = `id, definition, created_at as "createdAt"`;
const stored = ({ definition, ...row }: Omit<StoredQuery, 'query'> & { definition: unknown }): StoredQuery => ({
  ...row,
  query: querySchema.parse(definition),
});
type Row = Parameters<typeof stored>[0];

const nameTaken = (error: unknown, name: string): unknown =>
  (error as { code?: string }).code === '23505'
    ? new JobFailure('FAILED_PRECONDITION', `There is a query "${name}" already; change that one`, { field: 'name' })
    : error;

/** Stored queries: what is exported again and again. */
export class QueryStore {
  constructor(private readonly database: DataSource) {}

  /** Throws FAILED_PRECONDITION when the name is taken. */
  async create(tenantId: string, query: SheetQuery): Promise<StoredQuery> {
    const [row] = await select<Row>(
      this.database,
      `insert into spreadsheets.queries (tenant_id, name, definition) values ($1, $2, $3) returning ${columns}`,
      [tenantId, query.name, JSON.stringify(query)],
    ).catch((error: unknown) => {
      throw nameTaken(error, query.name);
    });
    return stored(row!);
  }

  async replace(tenantId: string, id: string, query: SheetQuery): Promise<StoredQuery | undefined> {
    const [row] = await select<Row>(
      this.database,
      `update spreadsheets.queries set name = $3, definition = $4, updated_at = now()
        where tenant_id = $1 and id = $2 returning ${columns}`,
      [tenantId, id, query.name, JSON.stringify(query)],
    ).catch((error: unknown) => {
      throw nameTaken(error, query.name);
    });
    return row && stored(row);
  }

  async find(tenantId: string, id: string): Promise<StoredQuery | undefined> {
    const [row] = await select<Row>(
      this.database,
      `select ${columns} from spreadsheets.queries where tenant_id = $1 and id = $2`,
      [tenantId, id],
    );
    return row && stored(row);
  }

  async page(tenantId: string, { limit, cursor }: PageRequest): Promise<Page<StoredQuery>> {
    const { before, id } = positionOf(cursor);
    const rows = await select<Row>(
      this.database,
      `select ${columns} from spreadsheets.queries where tenant_id = $1 and (created_at, id) < ($2, $3::uuid)
        order by created_at desc, id desc limit $4`,
      [tenantId, before, id, limit + 1],
    );
    return pageOf(rows.map(stored), limit);
  }

  async remove(tenantId: string, id: string): Promise<boolean> {
    const removed = await select(
      this.database,
      `delete from spreadsheets.queries where tenant_id = $1 and id = $2 returning id`,
      [tenantId, id],
    );
    return removed.length > 0;
  }
}
