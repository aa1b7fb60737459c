/** Schedules: what fires next, what has fired, pausing and changing them. */
export { section } from './section.js';
