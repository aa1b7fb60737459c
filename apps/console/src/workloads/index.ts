/** The workloads of this console, one line each: what is exported here takes part. */
export { section as mesh } from './mesh/index.js';
export { section as spreadsheets } from './spreadsheets/index.js';
export { section as trading } from './trading/index.js';
