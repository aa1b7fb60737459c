/** What people do to a job that is there: cancel it, move it in time, run it again. */
export { type CancelAnswer, Cancellation, type CancellationOptions } from './cancellation.js';
export { cancelledAmong } from './cancelled-jobs.js';
export { JobTiming, type MoveAnswer } from './job-timing.js';
export { type Rerun, type RerunAnswer, Reruns } from './reruns.js';
