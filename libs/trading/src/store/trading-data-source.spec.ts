import { migratedSource } from '@roundhouse/testing';
import { createTradingDataSource } from './trading-data-source.js';

const source = migratedSource(createTradingDataSource);

it('describes in its entities exactly the columns that the migrations make', async () => {
  const rows = await source.query<{ table: string; columns: string[] }[]>(
    `select table_name as table, array_agg(column_name::text order by column_name) as columns
       from information_schema.columns
      where table_schema = 'trading' and table_name <> 'inbox' group by table_name order by table_name`,
  );
  const described = source.entityMetadatas
    .map(({ tableName, columns }) => ({ table: tableName, columns: columns.map((c) => c.databaseName).sort() }))
    .sort((a, b) => (a.table < b.table ? -1 : 1));
  expect(described).toEqual(rows);
  for (const { target } of source.entityMetadatas) await source.getRepository(target).find({ take: 1 });
});

it('grants the run-time roles their rights when they exist', async () => {
  const [row] = await source.query<{ granted: boolean }[]>(
    `select coalesce(bool_and(has_table_privilege(rolname, 'trading.fills', 'select, insert, update, delete')), true) as granted
       from pg_roles where rolname in ('roundhouse_worker', 'roundhouse_gateway')`,
  );
  expect(row!.granted).toBe(true);
});
