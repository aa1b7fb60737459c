/**
 * What is due: scheduled jobs, long retries (also those whose delivery was lost on the way), leases and deadlines: the timekeeper; and
 * cron schedules, their times, policies and firings.
 */
export { type ClockChange } from './clock-changes.js';
export { InvalidCron, nextFireTime } from './cron.js';
export { nextFireTimes } from './fire-times.js';
export { type MisfirePolicy, mostCatchUps, type OverlapPolicy } from './schedule-policy.js';
export {
  forgetFirings,
  type ScheduleChange,
  ScheduleStore,
  type StoredFiring,
  type StoredSchedule,
} from './schedule-store.js';
export { EventsMark, recordMark } from './events-mark.js';
export { previewSchedule, type PreviewedTime, type SchedulePreview } from './schedule-preview.js';
export { type FiredSchedule, type NewSchedule, Schedules } from './schedules.js';
export { Timekeeper } from './timekeeper.js';
