/**
 * The page that shows one job to people without a key: its links, tokens, state, files. What a job offers there is declared by its kind in
 * the contract, so no workload adds anything here.
 */
export { StatusAccess } from './status-access.js';
export { statusFields } from './status-config.js';
export { statusControllers, statusProviders } from './status-parts.js';
