/**
 * A worker's side: its session with the platform, the consumer of deliveries, claims, heartbeats and reports of outcomes. All that a
 * process needs to serve jobs over AMQP; no Nest.
 */
export { type WorkerOptions, WorkerSession } from './worker-session.js';
