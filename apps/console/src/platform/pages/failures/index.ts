/** Failures: causes of death, their marks, and what can be done to the jobs that died of them. */
export { section } from './section.js';
