import {
  amqpFields,
  base64Key,
  base64Keys,
  bool,
  databaseFields,
  durationMs,
  text,
  url,
  workerFields,
} from '@roundhouse/service';
import { z } from 'zod';

export const importerConfig = z.object({
  ...amqpFields,
  ...workerFields,
  ...databaseFields,
  /** Folder of uploaded files, shared with the gateway. */
  storageDir: text('a folder'),
  /** Where files lie instead of that folder: `s3://bucket/prefix?endpoint=…&region=…`, the same as the gateway's. */
  storageUrl: url(['s3']).optional(),
  /** Opens broker credentials; the gateway seals with the same one. */
  credentialKey: base64Key(32),
  /** Keys that were in use before, so that credentials sealed with them can still be opened. */
  previousCredentialKeys: base64Keys(32),
  /** Lets brokers be asked over http and at private addresses: for tests and gateways of the own network. */
  allowPrivateProviders: bool().default(false),
  /** How long uploaded files of trades are kept; as long as steps in the inbox. */
  tradeFileRetention: durationMs({ min: 1_000 }).default(90 * 86_400_000),
  /** How long uploaded sheets, imports with their errors, and exports are kept after their end. */
  spreadsheetRetention: durationMs({ min: 1_000 }).default(86_400_000),
});

export type ImporterConfig = z.output<typeof importerConfig>;
