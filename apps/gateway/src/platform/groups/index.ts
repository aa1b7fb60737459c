/**
 * Batches and workflows: their routes, and how their jobs are checked and stored together. A chain of jobs is a workflow, too.
 */
export { groupControllers, groupProviders } from './group-parts.js';
export { WorkflowSubmission } from './workflow-submission.js';
