import { existsSync, readdirSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { findProgram, isExecutable, run } from './command.mjs';

export const oldestPostgres = 15;

/** `postgres (PostgreSQL) 15.14 (Debian …)` → 15 */
export function majorVersion(output) {
  const match = /PostgreSQL\)\s+(\d+)/.exec(output);
  return match ? Number(match[1]) : undefined;
}

/** Newest first: the folders of a Debian-like layout, `<root>/<major>/bin`. */
export function versionedFolders(root) {
  if (!existsSync(root)) return [];
  return readdirSync(root)
    .filter((name) => /^\d+$/.test(name))
    .sort((a, b) => Number(b) - Number(a))
    .map((name) => join(root, name, 'bin'));
}

async function candidates() {
  const folders = [];
  const config = findProgram('pg_config');
  if (config) {
    const { code, stdout } = await run(config, ['--bindir'], { timeoutMs: 5_000 });
    if (code === 0) folders.push(stdout.trim());
  }
  folders.push(...versionedFolders('/usr/lib/postgresql'));
  const onPath = findProgram('postgres');
  if (onPath) folders.push(dirname(onPath));
  return [...new Set(folders)];
}

/**
 * The folder with `postgres` and `initdb` of a server that is new enough: pg_config's, else the newest under /usr/lib/postgresql, else
 * the PATH's. Undefined when there is none; `pg_config` alone (client packages) does not count.
 */
export async function findPostgres() {
  for (const folder of await candidates()) {
    if (!isExecutable(join(folder, 'postgres')) || !isExecutable(join(folder, 'initdb'))) continue;
    const { code, stdout } = await run(join(folder, 'postgres'), ['--version'], { timeoutMs: 5_000 });
    const major = code === 0 ? majorVersion(stdout) : undefined;
    if (major >= oldestPostgres) return { folder, major };
  }
  return undefined;
}
