import pg from 'pg';

/** A database for this run alone, on the server of the admin URL; owned by that URL's user. */
export async function createDatabase(adminUrl, name) {
  await asAdmin(adminUrl, (admin) => admin.query(`create database ${pg.escapeIdentifier(name)}`));
  const url = new URL(adminUrl);
  url.pathname = `/${name}`;
  return {
    url: url.href,
    drop: () =>
      asAdmin(adminUrl, (admin) => admin.query(`drop database if exists ${pg.escapeIdentifier(name)} with (force)`)),
  };
}

/** The settings that decide whether a commit is on the disk. */
export async function durability(adminUrl) {
  return asAdmin(adminUrl, async (admin) => {
    const { rows } = await admin.query(
      `select name, setting from pg_settings where name in ('fsync', 'synchronous_commit', 'full_page_writes', 'server_version')`,
    );
    return Object.fromEntries(rows.map(({ name, setting }) => [name, setting]));
  });
}

async function asAdmin(connectionString, work) {
  const admin = new pg.Client({ connectionString, application_name: 'roundhouse-bench' });
  await admin.connect();
  try {
    return await work(admin);
  } finally {
    await admin.end();
  }
}
