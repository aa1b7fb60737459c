/** What is counted and measured: jobs by minute, kind and outcome, latencies, depths and loads of queues, gauges for the metrics. */
export { JobMeter } from './job-meter.js';
export { forgetStatistics, type JobFigures, type MinuteFigures, readStatistics } from './job-statistics.js';
export { addLatencies, latencyClass, type LatencyCounts, noLatencies, percentile } from './latency-histogram.js';
export { observeLedger } from './ledger-gauges.js';
export { type LedgerQueue, queueDepthCap, readQueueDepths } from './queue-depths.js';
export {
  loadCap,
  otherLoads,
  queuedLoads,
  type QueueLoad,
  type RunningJob,
  runningJobs,
  type StateLoad,
} from './queue-loads.js';
