import type { DataSource } from 'typeorm';
import { select } from './database.js';

export interface TargetSummary {
  name: string;
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

/** What has been imported, for people. */
export class TargetStore {
  constructor(private readonly database: DataSource) {}

  /** By name; counting stops at a million. */
  async list(tenantId: string): Promise<TargetSummary[]> {
    return select(
      this.database,
      `select g.name, g.created_at as "createdAt",
              (select count(*)::int from (select 1 from spreadsheets.records r where r.target_id = g.id limit 1000000) x) as records
         from spreadsheets.targets g where g.tenant_id = $1 order by g.name limit 1000`,
      [tenantId],
    );
  }

  /** By key, those behind `after`. Undefined when there is no such target. */
  async records(tenantId: string, name: string, limit: number, after = ''): Promise<StoredRecord[] | undefined> {
    const [target] = await select<{ id: string }>(
      this.database,
      `select id::text as id from spreadsheets.targets where tenant_id = $1 and name = $2`,
      [tenantId, name],
    );
    if (!target) return undefined;
    return select(
      this.database,
      `select key, data, import_id as "importId", source_row as "sourceRow", created_at as "createdAt", updated_at as "updatedAt"
         from spreadsheets.records where target_id = $1 and key > $2 order by key limit $3`,
      [target.id, after, limit],
    );
  }
}
