/** Batches and workflows: how far they are, what a workflow's jobs wait for, and ending them. */
export { section } from './section.js';
