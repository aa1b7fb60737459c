import { base64Key, list } from '@roundhouse/service';
import { z } from 'zod';

export const encryptionFields = {
  /** Seals secrets and signs sessions and links; workers open what is sealed with the same one. */
  encryptionKey: base64Key(32),
  /** Keys that were in use before. */
  previousEncryptionKeys: list()
    .pipe(z.array(base64Key(32)))
    .default([]),
};

export type EncryptionConfig = z.output<z.ZodObject<typeof encryptionFields>>;
