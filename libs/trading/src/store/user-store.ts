import type { Transaction } from '@roundhouse/jobs';

/** Somebody with trades, imports or connections. */
export interface TradingUser {
  userId: string;
  imports: number;
  connections: number;
  /** When an import was begun last. */
  lastImportAt: Date | null;
}

const mostUsers = 500;

export class UserStore {
  constructor(private readonly database: Transaction) {}

  /** Whoever imported last comes first; at most 500. */
  async list(tenantId: string): Promise<TradingUser[]> {
    return this.database.query<TradingUser[]>(
      `select user_id as "userId", sum(imports)::integer as imports, sum(connections)::integer as connections,
              max(last_import_at) as "lastImportAt"
       from (
         select user_id, count(*) as imports, 0 as connections, max(started_at) as last_import_at
         from trading.imports where tenant_id = $1 group by user_id
         union all
         select user_id, 0, count(*), null from trading.connections where tenant_id = $1 group by user_id
       ) found group by user_id order by max(last_import_at) desc nulls last, user_id limit ${mostUsers}`,
      [tenantId],
    );
  }
}
