import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { UsageFailure } from '../cli/failure.mjs';
import { migrationOwners, migrationsIn } from './owners.mjs';
import { indexSource, migrationSource } from './source.mjs';

/**
 * Writes an empty migration, later than all of its schema, and registers it.
 * @returns {Promise<string[]>} the files written: the migration and the list it is in
 * @throws UsageFailure on an unknown schema, a bad name or one that is taken
 */
export async function newMigration(root, schema, name, now = Date.now()) {
  const folder = folderOf(root, schema);
  const existing = migrationsIn(folder);
  checkName(name, existing);
  const migration = migrationSource(name, Math.max(now, (existing.at(-1)?.timestamp ?? 0) + 1));
  const file = join(folder, migration.file);
  const index = join(folder, 'index.ts');
  const list = await indexSource(schema, [...existing, migration], index);
  writeFileSync(file, migration.source, { flag: 'wx' });
  writeFileSync(index, list);
  return [file, index];
}

function folderOf(root, schema) {
  const owners = migrationOwners(root);
  const found = owners.find((owner) => owner.schema === schema);
  if (found) return found.folder;
  throw new UsageFailure(
    `There is no schema "${schema}" with migrations. There are: ${owners.map((owner) => owner.schema).join(', ')}.`,
  );
}

function checkName(name, existing) {
  if (!/^[a-z][a-z0-9]*(-[a-z0-9]+)*$/.test(name))
    throw new UsageFailure(
      `"${name}" is no name for a migration: words of small letters and digits with hyphens between, such as add-job-tags.`,
    );
  const taken = existing.find((migration) => migration.name === name);
  if (taken) throw new UsageFailure(`There is a migration "${name}" already: ${taken.file}. Choose another name.`);
}
