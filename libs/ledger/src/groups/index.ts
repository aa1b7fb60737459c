/**
 * Jobs that belong together: batches and workflows made, sealed, read and cancelled as a whole (what their ends count is in
 * transitions).
 */
export { BatchCancellation } from './batch-cancellation.js';
export { type BatchPage, BatchReader, type BatchView, type WorkflowNode, type WorkflowView } from './batch-reader.js';
export { BatchStates } from './batch-states.js';
export { BatchClosed, Batches, type CreatedBatch, type NewBatch } from './batches.js';
export type { GraphFault } from './workflow-graph.js';
export { InvalidGraph, type NewWorkflow, type WorkflowJob, Workflows } from './workflows.js';
