/**
 * The figures of the installation that come every five seconds: one query for all pages, and the table of the workers.
 */
export type { Overview } from './overview.js';
export { overviewStaleMs, useOverview } from './use-overview.js';
export { WorkerTable } from './worker-table.js';
