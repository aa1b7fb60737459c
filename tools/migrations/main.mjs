// npm run new:migration -- <schema> <name-in-kebab-case>
import { relative, resolve } from 'node:path';
import { Failure, UsageFailure } from '../cli/failure.mjs';
import { print } from '../cli/output.mjs';
import { newMigration } from './new-migration.mjs';
import { migrationOwners } from './owners.mjs';

const root = resolve(import.meta.dirname, '../..');

try {
  const [schema, name, ...more] = process.argv.slice(2);
  if (!schema || !name || more.length > 0) {
    const schemas = migrationOwners(root).map((owner) => owner.schema);
    throw new UsageFailure(
      `npm run new:migration -- <schema> <name-in-kebab-case>\nSchemas with migrations: ${schemas.join(', ')}`,
    );
  }
  for (const file of await newMigration(root, schema, name)) print(relative(root, file));
} catch (error) {
  process.stderr.write(`${error instanceof Failure ? error.message : error.stack}\n`);
  process.exitCode = error instanceof Failure ? error.exitCode : 1;
}
