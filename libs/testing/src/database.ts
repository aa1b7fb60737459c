import { randomBytes } from 'node:crypto';
import pg from 'pg';
import { testEnvironment } from './test-environment.js';
import { waitFor } from './wait-for.js';

export interface TestDatabase {
  readonly name: string;
  readonly url: string;
  /** Removes the database. Connections still open after two seconds are a leak: it is removed all the same, then this throws. */
  drop(): Promise<void>;
}

export interface TestDatabaseOptions {
  /** A database to copy, e.g. one that is migrated already. */
  template?: string;
}

const TEMPLATE_IN_USE = '55006';

async function asAdmin<T>(work: (client: pg.Client) => Promise<T>): Promise<T> {
  const client = new pg.Client({
    connectionString: testEnvironment('ROUNDHOUSE_TEST_ADMIN_DATABASE_URL'),
    application_name: 'roundhouse-testing',
  });
  await client.connect();
  try {
    return await work(client);
  } finally {
    await client.end();
  }
}

/** The connections of clients; background workers such as autovacuum are no leak. */
async function openConnections(client: pg.Client, name: string): Promise<string[]> {
  const { rows } = await client.query<{ text: string }>(
    `select format('%s: %s', coalesce(nullif(application_name, ''), '(no application_name)'), left(query, 120)) as text
       from pg_stat_activity where datname = $1 and backend_type = 'client backend'`,
    [name],
  );
  return rows.map(({ text }) => text);
}

async function dropDatabase(name: string): Promise<void> {
  await asAdmin(async (client) => {
    let open: string[] = [];
    const closed = async () => (open = await openConnections(client, name)).length === 0;
    await waitFor(closed, { timeoutMs: 2000, describe: 'connections to close' }).catch(() => undefined);
    await client.query(`drop database if exists ${pg.escapeIdentifier(name)} with (force)`);
    if (open.length > 0)
      throw new Error(`${open.length} connections to ${name} were left open:\n  ${open.join('\n  ')}`);
  });
}

/** A database of its own on the server of ROUNDHOUSE_TEST_ADMIN_DATABASE_URL, owned by that URL's role. */
export async function createTestDatabase({ template }: TestDatabaseOptions = {}): Promise<TestDatabase> {
  const name = `rh_test_${process.pid}_${randomBytes(5).toString('hex')}`;
  const from = template === undefined ? '' : ` template ${pg.escapeIdentifier(template)}`;
  const sql = `create database ${pg.escapeIdentifier(name)}${from}`;
  const create = async (client: pg.Client): Promise<{ refusal?: unknown } | undefined> => {
    try {
      await client.query(sql);
      return {};
    } catch (refusal) {
      // A template can be copied by one session at a time: wait for the others. Anything else is final.
      return (refusal as pg.DatabaseError).code === TEMPLATE_IN_USE ? undefined : { refusal };
    }
  };
  const describe = `database ${template ?? 'template1'} to be free to copy`;
  await asAdmin(async (client) => {
    const { refusal } = await waitFor(() => create(client), { timeoutMs: 20_000, describe });
    if (refusal !== undefined) throw refusal;
  });
  const url = new URL(testEnvironment('ROUNDHOUSE_TEST_ADMIN_DATABASE_URL'));
  url.pathname = `/${name}`;
  return { name, url: url.href, drop: () => dropDatabase(name) };
}
