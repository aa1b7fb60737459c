import { randomBytes } from 'node:crypto';
import { Failure } from './failure.mjs';
import { randomSecret } from './store.mjs';

/** What keys are for, and the services that need each. No key is made from another: who holds one knows nothing of the rest. */
export const purposes = {
  grant: ['gateway'],
  session: ['gateway'],
  link: ['gateway'],
  status: ['gateway'],
  credential: ['gateway', 'importer'],
  webhook: ['gateway', 'notifier'],
};

/** What the one key of earlier versions did that outlasts an upgrade. Sessions and links end within a day, and it must not make new ones. */
const outlasting = ['status', 'credential', 'webhook'];

/** Where earlier versions had that key and the one token of all services. */
const forgotten = ['encryption_key', 'ROUNDHOUSE_ENCRYPTION_KEY', 'diagnostics_token', 'ROUNDHOUSE_DIAGNOSTICS_TOKEN'];

/** Services whose health port takes profiles; the gateway asks its operators for an API key instead. */
export const diagnosedServices = ['scheduler', 'importer', 'scorer', 'digest', 'mesh', 'notifier', 'probe'];

const newKey = () => randomBytes(32).toString('base64');
const inCapitals = (purpose) => purpose.toUpperCase().replaceAll('-', '_');
export const keyVariable = (purpose) => `ROUNDHOUSE_${inCapitals(purpose)}_KEY`;
export const previousVariable = (purpose) => `ROUNDHOUSE_PREVIOUS_${inCapitals(purpose)}_KEYS`;
/** As .env names it for Compose; the service itself reads ROUNDHOUSE_DIAGNOSTICS_TOKEN. */
export const tokenVariable = (service) => `ROUNDHOUSE_${inCapitals(service)}_DIAGNOSTICS_TOKEN`;

/**
 * The keys of an installation by purpose, made when they are first asked for.
 * @param {string[]} earlier keys of a version that had one for everything: what they have sealed can still be opened
 * @returns {Record<string, {current: string, previous: string[]}>}
 */
export function keyRing(store, earlier = []) {
  const ring = { ...store.get('keys') };
  const missing = Object.keys(purposes).filter((purpose) => !ring[purpose]);
  for (const purpose of missing)
    ring[purpose] = { current: newKey(), previous: outlasting.includes(purpose) ? [...new Set(earlier)] : [] };
  if (missing.length > 0) store.set('keys', ring);
  for (const name of forgotten) if (store.get(name) !== undefined) store.set(name, undefined);
  return ring;
}

/** A token for each service, so that one who has seen a worker's cannot look into the others. */
export function diagnosticsTokens(store) {
  const tokens = { ...store.get('diagnostics_tokens') };
  const missing = diagnosedServices.filter((service) => !tokens[service]);
  for (const service of missing) tokens[service] = randomSecret();
  return missing.length > 0 ? store.set('diagnostics_tokens', tokens) : tokens;
}

/** A new key; the one before it is still accepted until it is retired. */
export function rotateKey(store, purpose) {
  const ring = keyRing(store);
  const { current, previous } = ring[purpose];
  store.set('keys', { ...ring, [purpose]: { current: newKey(), previous: [current, ...previous] } });
}

/** Forgets the keys before the current one. */
export function retireKeys(store, purpose) {
  const ring = keyRing(store);
  if (ring[purpose].previous.length === 0)
    throw new Failure(`There is no earlier ${purpose} key: ./roundhouse keys rotate ${purpose} makes a new one.`);
  store.set('keys', { ...ring, [purpose]: { ...ring[purpose], previous: [] } });
}

/** The variables of a service's keys, and of no other's. */
export function keyVariablesOf(service, ring) {
  const own = Object.entries(purposes).filter(([, services]) => services.includes(service));
  return Object.fromEntries(
    own.flatMap(([purpose]) => {
      const { current, previous } = ring[purpose];
      const before = previous.length > 0 ? [[previousVariable(purpose), previous.join(',')]] : [];
      return [[keyVariable(purpose), current], ...before];
    }),
  );
}
