import { migrateLedger } from '@roundhouse/ledger';
import { ConfigError, loadConfig, url } from '@roundhouse/service';
import { z } from 'zod';

/** Applies all migrations of all schemas, as the owner. */
const config = z.object({ ownerDatabaseUrl: url(['postgres', 'postgresql']) });

try {
  const { ownerDatabaseUrl } = loadConfig(config);
  const applied = await migrateLedger(ownerDatabaseUrl);
  process.stdout.write(`${JSON.stringify({ applied })}\n`);
} catch (error) {
  process.stderr.write(`${error instanceof ConfigError ? error.message : String((error as Error).stack ?? error)}\n`);
  process.exitCode = error instanceof ConfigError ? 78 : 1;
}
