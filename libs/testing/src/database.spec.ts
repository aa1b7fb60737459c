import pg from 'pg';
import { createTestDatabase } from './database.js';

async function query(url: string, sql: string): Promise<unknown[]> {
  const client = new pg.Client({ connectionString: url });
  await client.connect();
  try {
    return (await client.query<Record<string, unknown>>(sql)).rows;
  } finally {
    await client.end();
  }
}

describe('createTestDatabase', () => {
  it('makes databases that do not see each other, and removes them', async () => {
    const [one, two] = await Promise.all([createTestDatabase(), createTestDatabase()]);
    await query(one.url, 'create table only_here (id int)');
    await expect(query(two.url, 'select * from only_here')).rejects.toMatchObject({ code: '42P01' });
    await Promise.all([one.drop(), two.drop()]);
    await expect(query(one.url, 'select 1')).rejects.toMatchObject({ code: '3D000' });
  });

  it('copies a template, several at once', async () => {
    const template = await createTestDatabase();
    await query(template.url, 'create table seeded as select 7 as n');
    const copies = await Promise.all([1, 2, 3].map(() => createTestDatabase({ template: template.name })));
    for (const copy of copies) expect(await query(copy.url, 'select n from seeded')).toEqual([{ n: 7 }]);
    for (const database of [...copies, template]) await database.drop();
  });

  it('says at once when the template does not exist', async () => {
    await expect(createTestDatabase({ template: 'no_such_database' })).rejects.toMatchObject({ code: '3D000' });
  });

  it('fails when a connection is left open, and removes the database all the same', async () => {
    const database = await createTestDatabase();
    const leak = new pg.Client({ connectionString: database.url, application_name: 'leaky' });
    leak.on('error', () => undefined);
    await leak.connect();
    await leak.query('select 42');
    await expect(database.drop()).rejects.toThrow(/1 connection.* left open:\s+leaky: select 42/);
    await expect(query(database.url, 'select 1')).rejects.toMatchObject({ code: '3D000' });
  });

  it('says how to get a server when there is none', async () => {
    const url = process.env.ROUNDHOUSE_TEST_ADMIN_DATABASE_URL;
    delete process.env.ROUNDHOUSE_TEST_ADMIN_DATABASE_URL;
    await expect(createTestDatabase()).rejects.toThrow(
      /ROUNDHOUSE_TEST_ADMIN_DATABASE_URL is not set: run \.\/roundhouse test, or/,
    );
    if (url !== undefined) process.env.ROUNDHOUSE_TEST_ADMIN_DATABASE_URL = url;
  });
});
