/** Jobs: searching them, one job with its explanation, attempts and payload, and what can be done to it. */
export { section } from './section.js';
