import { randomBytes } from 'node:crypto';
import { keyVariable, purposes } from '../../tools/cli/key-ring.mjs';

/** A key for every purpose, for one run. */
export const newKeys = () =>
  Object.fromEntries(
    Object.keys(purposes).map((purpose) => [keyVariable(purpose), randomBytes(32).toString('base64')]),
  );
