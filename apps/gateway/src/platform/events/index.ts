/**
 * The event streams of a job and of a tenant's domain events. Other rooms have streams of their own, of what they own.
 */
export { eventControllers } from './event-parts.js';
