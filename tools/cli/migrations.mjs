import { migrate } from './app-command.mjs';

/** How many migrations every schema of a database records, as the services' data sources do: a table `…migrations` each. */
export async function appliedMigrations(ownerUrl) {
  const { default: pg } = await import('pg');
  const client = new pg.Client({ connectionString: ownerUrl, connectionTimeoutMillis: 60_000 });
  await client.connect();
  try {
    const { rows: tables } = await client.query(
      `select table_schema, table_name from information_schema.tables where table_name like '%migrations' order by 1, 2`,
    );
    let applied = 0;
    for (const { table_schema: schema, table_name: table } of tables) {
      const name = `${pg.escapeIdentifier(schema)}.${pg.escapeIdentifier(table)}`;
      const { rows } = await client.query(`select count(*)::integer as count from ${name}`);
      applied += rows[0].count;
    }
    return applied;
  } finally {
    await client.end();
  }
}

/**
 * Runs the migrations, unless the same code has run them in this database and all are still there: four processes that find nothing to do take
 * minutes on a busy machine. @returns whether they were run
 */
export async function migrateWhenNeeded(ownerUrl, code, store, run = migrate) {
  const remembered = store.get('migrated');
  if (remembered?.code === code && remembered.applied === (await appliedMigrations(ownerUrl))) return false;
  await run(ownerUrl);
  store.set('migrated', { code, applied: await appliedMigrations(ownerUrl) });
  return true;
}
