import { Failure } from './failure.mjs';

export const databaseName = 'roundhouse';

/** Who may do what: docs of the roles; the grants themselves are in the migrations. */
export const roles = {
  owner: 'roundhouse_owner', // owns the schemas and runs the migrations
  gateway: 'roundhouse_gateway', // gateway and scheduler: the ledger, and the domain tables for REST
  worker: 'roundhouse_worker', // workers: domain tables only
};

/** The URL of a role at the server of the admin URL; its other parameters (sslmode) are kept. */
export function roleUrl(adminUrl, role, password, database = databaseName) {
  const url = new URL(adminUrl);
  url.username = role;
  url.password = password;
  url.pathname = `/${database}`;
  return url.href;
}

/**
 * Creates the database and its three login roles where they are missing. A role that exists keeps its password when the remembered one
 * works; otherwise it gets ours.
 * @returns {Promise<{owner: string, gateway: string, worker: string}>} a URL per role
 */
export async function ensureDatabase(adminUrl, store) {
  const { default: pg } = await import('pg');
  const admin = await connect(pg, adminUrl);
  try {
    await checkServer(admin);
    const urls = {};
    for (const [key, role] of Object.entries(roles)) {
      const password = store.secret(`${key}_role_password`);
      urls[key] = roleUrl(adminUrl, role, password);
      await ensureRole(pg, admin, role, password, urls[key]);
    }
    await ensureEmptyDatabase(admin);
    return urls;
  } finally {
    await admin.end();
  }
}

async function connect(pg, url) {
  const client = new pg.Client({
    connectionString: url,
    connectionTimeoutMillis: 60_000, // on a busy machine it takes more than a few
    application_name: 'roundhouse set-up',
  });
  try {
    await client.connect();
    return client;
  } catch (cause) {
    const { host } = new URL(url);
    throw new Failure(
      `PostgreSQL at ${host} refused the connection (ROUNDHOUSE_ADMIN_DATABASE_URL): ${cause.message}`,
      { cause },
    );
  }
}

async function checkServer(admin) {
  const { rows } = await admin.query('show server_version_num');
  const version = Number(rows[0].server_version_num);
  if (version < 150000)
    throw new Failure(`PostgreSQL ${Math.floor(version / 10000)} is too old: 15 or newer is needed.`);
}

async function ensureRole(pg, admin, role, password, url) {
  const { rowCount } = await admin.query('select 1 from pg_roles where rolname = $1', [role]);
  const secret = pg.escapeLiteral(password);
  if (rowCount === 0) {
    await admin.query(`create role ${role} login nosuperuser nocreatedb nocreaterole password ${secret}`);
    return;
  }
  if (await canLogIn(pg, url)) return;
  await admin.query(`alter role ${role} login password ${secret}`);
}

/** A role that may log in but whose database is still missing (3D000) has the right password. */
async function canLogIn(pg, url) {
  const client = new pg.Client({ connectionString: url, connectionTimeoutMillis: 60_000 });
  try {
    await client.connect();
    await client.end();
    return true;
  } catch (cause) {
    return cause.code === '3D000';
  }
}

async function ensureEmptyDatabase(admin) {
  const { rowCount } = await admin.query('select 1 from pg_database where datname = $1', [databaseName]);
  if (rowCount === 0) {
    // Only a member of the owner's role may give it a database; a superuser is one anyway.
    const { rows } = await admin.query('select rolsuper from pg_roles where rolname = current_user');
    if (!rows[0]?.rolsuper) await admin.query(`grant ${roles.owner} to current_user`);
    await admin.query(`create database ${databaseName} owner ${roles.owner}`);
  }
  await admin.query(`revoke connect, temporary on database ${databaseName} from public`);
  await admin.query(`grant connect on database ${databaseName} to ${Object.values(roles).join(', ')}`);
  // The migration of spreadsheets grants it as well, but a dump that is restored does not.
  await admin.query(`grant temporary on database ${databaseName} to ${roles.worker}`);
}
