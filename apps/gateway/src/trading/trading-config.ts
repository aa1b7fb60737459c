import { base64Key, list, text } from '@roundhouse/service';
import { z } from 'zod';

export const tradingFields = {
  /** Folder of uploaded files, shared with the importer. */
  storageDir: text('a folder'),
  /** Seals broker credentials; the importer opens them with the same one. */
  encryptionKey: base64Key(32),
  /** Keys that were in use before. */
  previousEncryptionKeys: list()
    .pipe(z.array(base64Key(32)))
    .default([]),
};

export type TradingConfig = z.output<z.ZodObject<typeof tradingFields>>;
