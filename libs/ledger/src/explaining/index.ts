/** Why a job does not run, where its time went, and when it may be done. */
export type { AttemptAccount } from './attempt-account.js';
export type { BrokerTrouble, BrokerView } from './broker-view.js';
export { estimateByProgress, type Eta } from './explain-eta.js';
export { type Holder, type Holdup, sayTrouble, type Stuck } from './explain-reason.js';
export { type Explanation, Explanations } from './explanations.js';
export { stuckCondition, stuckLimits } from './stuck-jobs.js';
export type { TimeAccount, TimeCause, TimeSegment } from './time-account.js';
