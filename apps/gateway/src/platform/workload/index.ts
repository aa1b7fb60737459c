/**
 * What a workload is to the gateway (`Workload`), and what the platform does for all of them: jobs of their routes, and finding what an id
 * of theirs belongs to. Workloads are listed in `workloads/index.ts`; no file of the platform names one.
 */
export { jobAnswerSchema, statusLinkFields, uploadAnswerSchema } from './job-answer.js';
export { WorkloadFinder } from './workload-finder.js';
export { WorkloadJobs } from './workload-jobs.js';
export { workloadProviders } from './workload-parts.js';
export type { OpenWorkload, Workload, WorkloadContext, WorkloadThing } from './workload.js';
