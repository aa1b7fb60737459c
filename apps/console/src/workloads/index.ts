/** The workloads of this console, one line each: what is exported here takes part. */
export { section as mesh } from './mesh/section.js';
export { section as spreadsheets } from './spreadsheets/section.js';
export { section as trading } from './trading/section.js';
