/**
 * The trading coach's routes: connections, imports, trades, tags, simulations, digests, and the schedules that come with them.
 */
export { trading } from './trading-workload.js';
