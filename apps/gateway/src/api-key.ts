import { ApiKeys, apiKeyScopes, ledgerDataSource, type ApiKeyScope } from '@roundhouse/ledger';
import { ConfigError, databaseFields, loadConfig } from '@roundhouse/service';
import { parseArgs } from 'node:util';
import { z } from 'zod';

/** `node apps/gateway/dist/api-key.js create --tenant <id> --name <text> --scopes <a,b> [--days <n>] [--json]`: prints a new key, once. */
const usage = `usage: node apps/gateway/dist/api-key.js create --tenant <id> --name <text> --scopes <${apiKeyScopes.join('|')}>[,…] [--days <n>] [--json]`;

const argumentSchema = z.object({
  tenant: z.string().regex(/^[a-z0-9][a-z0-9_-]{0,62}$/, 'lower-case letters, digits, - and _'),
  name: z.string().min(1).max(100),
  scopes: z
    .string()
    .transform((s) => s.split(','))
    .pipe(z.array(z.enum(apiKeyScopes)).min(1)),
  days: z.coerce.number().int().positive().optional(),
});

async function create(options: z.output<typeof argumentSchema>): Promise<string> {
  const { databaseUrl: url } = loadConfig(z.object(databaseFields));
  const dataSource = ledgerDataSource({ url, poolSize: 1, applicationName: 'roundhouse-api-key' });
  await dataSource.initialize();
  try {
    const expiresAt = options.days === undefined ? undefined : new Date(Date.now() + options.days * 86_400_000);
    return await new ApiKeys(dataSource).create(
      options.tenant,
      options.name,
      options.scopes as ApiKeyScope[],
      expiresAt,
    );
  } finally {
    await dataSource.destroy();
  }
}

try {
  const text = { type: 'string' } as const;
  const { positionals, values } = parseArgs({
    allowPositionals: true,
    options: { tenant: text, name: text, scopes: text, days: text, json: { type: 'boolean' } },
  });
  const checked = argumentSchema.safeParse(values);
  if (positionals[0] !== 'create' || !checked.success) {
    const faults = checked.success ? [] : checked.error.issues.map((i) => `--${i.path.join('.')}: ${i.message}`);
    process.stderr.write(`${[...faults, usage].join('\n')}\n`);
    process.exitCode = 2;
  } else {
    const key = await create(checked.data);
    process.stdout.write(values.json ? `${JSON.stringify({ key })}\n` : `${key}\n`);
  }
} catch (error) {
  process.stderr.write(`${error instanceof Error ? error.message : String(error)}\n`);
  process.exitCode = error instanceof ConfigError ? 78 : 1;
}
