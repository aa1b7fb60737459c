/** The routes of cron schedules. */
export { scheduleControllers, scheduleProviders } from './schedule-parts.js';
