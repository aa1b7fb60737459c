/** Redrives: what bulk actions on dead jobs did, and the filter that says which dead jobs are meant. */
export { describeFilter, filterNames, filterOf, type DeadFilter } from './dead-filter.js';
export { section } from './section.js';
