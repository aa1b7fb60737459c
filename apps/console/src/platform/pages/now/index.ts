/** What happens now: throughput, deaths, queues, kinds, workers and limits on one page. */
export { section } from './section.js';
