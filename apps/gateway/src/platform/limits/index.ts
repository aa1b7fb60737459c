/** The routes of what holds jobs back: pauses, concurrency limits, rate buckets. */
export { limitControllers } from './limit-parts.js';
