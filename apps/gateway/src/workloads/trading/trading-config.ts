import { base64Key, list, text, url } from '@roundhouse/service';
import { z } from 'zod';

export const tradingFields = {
  /** Folder of uploaded files, shared with the importer. */
  storageDir: text('a folder'),
  /** Where files lie instead of that folder: `s3://bucket/prefix?endpoint=…&region=…`, the same as the importer's. */
  storageUrl: url(['s3']).optional(),
  /** Seals broker credentials; the importer opens them with the same one. */
  encryptionKey: base64Key(32),
  /** Keys that were in use before. */
  previousEncryptionKeys: list()
    .pipe(z.array(base64Key(32)))
    .default([]),
};

export type TradingConfig = z.output<z.ZodObject<typeof tradingFields>>;
