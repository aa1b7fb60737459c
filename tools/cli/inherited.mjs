import { keyVariable, previousVariable, purposes } from './key-ring.mjs';

/** Secrets that the caller may have in his environment for a service, and the services that take them. */
const takers = {
  ...Object.fromEntries(
    Object.entries(purposes).flatMap(([purpose, services]) => [
      [keyVariable(purpose), services],
      [previousVariable(purpose), services],
    ]),
  ),
  ROUNDHOUSE_MESH_CALLBACK_SECRET: ['gateway'],
  ROUNDHOUSE_MESH_ENGINE_KEY: ['mesh'],
  ROUNDHOUSE_ALPACA_DATA_KEY_ID: ['scorer', 'digest'],
  ROUNDHOUSE_ALPACA_DATA_SECRET: ['scorer', 'digest'],
  // Of the store of files.
  AWS_ACCESS_KEY_ID: ['gateway', 'importer', 'mesh'],
  AWS_SECRET_ACCESS_KEY: ['gateway', 'importer', 'mesh'],
  AWS_SESSION_TOKEN: ['gateway', 'importer', 'mesh'],
};

const isForSetUp = (name) => /^ROUNDHOUSE_(ADMIN|OWNER|TEST|STATE|REDIS|RABBITMQ_MANAGEMENT|BROKER)_/.test(name);
const isSecret = (name) => /^(ROUNDHOUSE|AWS)_.*(KEYS?|KEY_ID|TOKEN|SECRET)$/.test(name);

/** What a service gets of the caller's environment: nothing that is only for set-up, and of secrets those that it takes. */
export function inheritedBy(service, env) {
  const passes = ([name]) => !isForSetUp(name) && (!isSecret(name) || takers[name]?.includes(service) === true);
  return Object.fromEntries(Object.entries(env).filter(passes));
}
