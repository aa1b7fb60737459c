import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { basename, join } from 'node:path';

/**
 * Who owns migrations: every library or app with a `migrations` folder somewhere below its src/. The package's folder has the name of
 * its schema.
 * @returns {{schema: string, folder: string}[]} sorted by schema
 */
export function migrationOwners(root) {
  return ['libs', 'apps']
    .flatMap((group) =>
      foldersIn(join(root, group)).map((schema) => ({ schema, src: join(root, group, schema, 'src') })),
    )
    .flatMap(({ schema, src }) => migrationFolders(src).map((folder) => ({ schema, folder })))
    .sort((a, b) => a.schema.localeCompare(b.schema));
}

function foldersIn(folder) {
  if (!existsSync(folder)) return [];
  return readdirSync(folder, { withFileTypes: true }).flatMap((entry) => (entry.isDirectory() ? [entry.name] : []));
}

function migrationFolders(src) {
  if (!existsSync(src)) return [];
  return readdirSync(src, { recursive: true, withFileTypes: true }).flatMap((entry) =>
    entry.isDirectory() && entry.name === 'migrations' ? [join(entry.parentPath, entry.name)] : [],
  );
}

/** The migrations of a folder, oldest first. @returns {{timestamp: number, name: string, file: string, className: string}[]} */
export function migrationsIn(folder) {
  return readdirSync(folder)
    .flatMap((file) => {
      const [, timestamp, name] = /^(\d{13})-([a-z0-9-]+)\.ts$/.exec(file) ?? [];
      return name ? [{ timestamp: Number(timestamp), name, file, className: classIn(join(folder, file)) }] : [];
    })
    .sort((a, b) => a.timestamp - b.timestamp);
}

function classIn(path) {
  const [, name] = /^export class (\w+)/m.exec(readFileSync(path, 'utf8')) ?? [];
  if (!name) throw new Error(`${basename(path)} exports no class, so no migration: ${path}`);
  return name;
}
