/** Dead jobs, and those that fail and are not dead yet, by cause: groups, mutes and resolutions, redrives that send them again and what became of those, discards. */
export type { DeadFilter } from './dead-filter.js';
export { countDead, type DeadGroup, deadGroups, type FailureStatus, failureStatuses } from './dead-groups.js';
export { discardDead } from './discards.js';
export { failingCap, type FailingFilter, type FailingGroup, failingGroups } from './failing-groups.js';
export { type FailureMark, FailureMarks, type Mute } from './failure-marks.js';
export { readRedrives, readSkippedJobs, type SkippedJob, type StoredRedrive } from './redrive-reader.js';
export { Redriver, type RedriverOptions } from './redriver.js';
export { type NewRedrive, Redrives, type SingleRedrive, type SingleRedriveAnswer } from './redrives.js';
