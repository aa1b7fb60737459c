import { base64Key, base64Keys } from '@roundhouse/service';
import type { z } from 'zod';

/** One key for each purpose, so that whoever holds one can do nothing with what the others sign or seal. */
export const accessKeyFields = {
  /** Signs sessions of the console. */
  sessionKey: base64Key(32),
  previousSessionKeys: base64Keys(32),
  /** Signs links that open one thing for an hour. */
  linkKey: base64Key(32),
  previousLinkKeys: base64Keys(32),
};

export type AccessKeys = z.output<z.ZodObject<typeof accessKeyFields>>;
