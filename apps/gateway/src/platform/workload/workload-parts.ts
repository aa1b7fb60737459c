import type { Provider } from '@nestjs/common';
import { WorkloadFinder } from './workload-finder.js';
import { WorkloadJobs } from './workload-jobs.js';
import type { OpenWorkload } from './workload.js';

export const workloadProviders = (workloads: readonly OpenWorkload[]): Provider[] => [
  WorkloadJobs,
  { provide: WorkloadFinder, useValue: new WorkloadFinder(workloads) },
  ...workloads.flatMap(({ providers }) => providers),
];
