import { randomBytes } from 'node:crypto';

/** Variables of keys, and the services that take them. */
const takers: Record<string, readonly string[]> = {
  ROUNDHOUSE_GRANT_KEY: ['gateway'],
  ROUNDHOUSE_SESSION_KEY: ['gateway'],
  ROUNDHOUSE_LINK_KEY: ['gateway'],
  ROUNDHOUSE_STATUS_KEY: ['gateway'],
  ROUNDHOUSE_CREDENTIAL_KEY: ['gateway', 'importer'],
  ROUNDHOUSE_WEBHOOK_KEY: ['gateway', 'notifier'],
};

/** A new key for each purpose, by its variable. */
export function testKeys(): Record<string, string> {
  return Object.fromEntries(Object.keys(takers).map((name) => [name, randomBytes(32).toString('base64')]));
}

/** Of these variables those that a service takes: the others it must not be given. */
export function keysOf(app: string, keys: Readonly<Record<string, string>>): Record<string, string> {
  return Object.fromEntries(Object.entries(keys).filter(([name]) => takers[name]?.includes(app)));
}
