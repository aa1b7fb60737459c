import { format, resolveConfig } from 'prettier';

/** `add-job-tags` → `AddJobTags` */
function pascalCase(name) {
  return name
    .split('-')
    .map((word) => word[0].toUpperCase() + word.slice(1))
    .join('');
}

/** A new migration. TypeORM orders migrations by the timestamp at the end of their names, and stores the names. */
export function migrationSource(name, timestamp) {
  const className = `${pascalCase(name)}${timestamp}`;
  const source = `import type { MigrationInterface, QueryRunner } from 'typeorm';

export class ${className} implements MigrationInterface {
  name = '${className}';

  async up(runner: QueryRunner): Promise<void> {
    await runner.query(\`\`);
  }

  async down(runner: QueryRunner): Promise<void> {
    await runner.query(\`\`);
  }
}
`;
  return { file: `${timestamp}-${name}.ts`, className, source };
}

/** `index.ts` beside the migrations: the list that the data source runs. @param path where it will be, for Prettier's configuration */
export async function indexSource(schema, migrations, path) {
  const imports = migrations.map(
    ({ className, file }) => `import { ${className} } from './${file.replace(/\.ts$/, '.js')}';`,
  );
  const text = `${imports.join('\n')}

/** Every migration of this folder, oldest first; \`npm run new:migration\` writes this file. */
export const ${schema}Migrations = [${migrations.map(({ className }) => className).join(', ')}];
`;
  return format(text, { ...(await resolveConfig(path)), filepath: path });
}
