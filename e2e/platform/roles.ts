import { randomBytes } from 'node:crypto';
import pg from 'pg';

/** URLs of one database for each of the platform's roles. */
export interface RoleUrls {
  owner: string;
  gateway: string;
  worker: string;
}

const alreadyThere = ['42710', '23505'];

/** The group that the migrations grant to. It is shared by everything on the server and stays. */
async function ensureGroup(client: pg.Client, name: string): Promise<void> {
  try {
    await client.query(`create role ${name} nologin`);
  } catch (error) {
    if (!alreadyThere.includes((error as pg.DatabaseError).code ?? '')) throw error;
  }
}

/** Login roles of this database alone, with the rights that the three roles have in production. */
export async function createRoles(databaseUrl: string): Promise<RoleUrls & { drop(adminUrl: string): Promise<void> }> {
  const id = randomBytes(4).toString('hex');
  const names = { owner: `rh_test_${id}_owner`, gateway: `rh_test_${id}_gateway`, worker: `rh_test_${id}_worker` };
  const password = randomBytes(12).toString('hex');
  const client = new pg.Client({ connectionString: databaseUrl });
  await client.connect();
  try {
    for (const group of ['roundhouse_gateway', 'roundhouse_worker']) await ensureGroup(client, group);
    await client.query(`create role ${names.owner} login password '${password}'`);
    await client.query(`create role ${names.gateway} login password '${password}' in role roundhouse_gateway`);
    await client.query(`create role ${names.worker} login password '${password}' in role roundhouse_worker`);
    const { rows } = await client.query<{ name: string }>('select current_database() as name');
    await client.query(`alter database ${pg.escapeIdentifier(rows[0]?.name ?? '')} owner to ${names.owner}`);
  } finally {
    await client.end();
  }
  const urlOf = (role: string): string => {
    const url = new URL(databaseUrl);
    url.username = role;
    url.password = password;
    return url.href;
  };
  return {
    owner: urlOf(names.owner),
    gateway: urlOf(names.gateway),
    worker: urlOf(names.worker),
    /** Only after the database is gone: until then the roles have rights in it. */
    async drop(adminUrl: string) {
      const admin = new pg.Client({ connectionString: adminUrl });
      await admin.connect();
      await admin.query(`drop role ${Object.values(names).join(', ')}`).finally(() => admin.end());
    },
  };
}
