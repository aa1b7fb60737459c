import type { Logger } from './logger.js';

type Severity = 'debug' | 'info' | 'warn' | 'error' | 'fatal';

/** Every log line of the services: event → level and text. `event` is what to search and alert by; the text may change. */
export const logLines = {
  'service.starting': ['debug', 'Service is starting'],
  'service.started': ['info', 'Service is ready'],
  'service.start_failed': ['fatal', 'Service could not start'],
  'service.start_abandoned': ['warn', 'Service was told to stop before it was ready'],
  'service.stopping': ['info', 'Service is stopping'],
  'service.stopped': ['info', 'Service has stopped'],
  'service.stop_failed': ['error', 'Service did not stop cleanly'],
  'service.stop_deadline': ['error', 'Service did not stop in time and is ended'],
  'service.crashed': ['fatal', 'Service ends because of an unexpected error'],
  'service.not_ready': ['warn', 'Service is not ready'],
  'service.ready_again': ['info', 'Service is ready again'],
  'telemetry.flush_failed': ['warn', 'The last traces or metrics could not be delivered'],
  'log.level_changed': ['info', 'Log level changed'],
  'broker.connected': ['info', 'Connected to the broker'],
  'broker.disconnected': ['warn', 'Connection to the broker lost'],
  'broker.blocked': ['warn', 'The broker has blocked publishing'],
  'broker.unblocked': ['info', 'The broker accepts messages again'],
  'broker.consumer_cancelled': ['warn', 'The broker cancelled a consumer'],
  'topology.mismatch': ['fatal', 'The broker topology is not the declared one'],
  'publish.returned': ['error', 'A message was returned: no queue is bound for it'],
  'publish.unknown': ['warn', 'A confirm did not arrive in time; the message is published again'],
  'outbox.relay_failed': ['error', 'The outbox relay failed and tries again'],
  'delivery.poison': ['error', 'A delivery cannot be decoded and goes to quarantine'],
  'job.accepted': ['debug', 'Job accepted'],
  'job.started': ['debug', 'Attempt started'],
  'job.succeeded': ['debug', 'Job succeeded'],
  'job.failed': ['warn', 'Attempt failed'],
  'job.dead': ['error', 'Job is dead'],
  'job.retrying': ['info', 'Job will run again'],
  'job.cancelled': ['info', 'Job cancelled'],
  'job.released': ['info', 'Job handed back unfinished'],
  'job.revoked': ['warn', 'Attempt stopped: the ledger has revoked it'],
  'claim.failed': ['error', 'Claims could not be answered'],
  'events.failed': ['error', 'Events could not be applied and are tried again'],
  'sweeper.redispatched': ['warn', 'Jobs the broker had lost were dispatched again'],
  'sweeper.reclaimed': ['warn', 'Attempts whose lease ran out were taken back'],
  'schedule.fired': ['info', 'Schedule fired'],
  'schedule.failed': ['error', 'Schedule could not fire'],
  'http.request': ['debug', 'Request'],
  'http.failed': ['error', 'Request failed'],
  'migrations.applied': ['info', 'Database migrations applied'],
} as const satisfies Record<string, readonly [Severity, string]>;

export type LogEvent = keyof typeof logLines;

/** Writes one line of the table; an error goes under `err`. */
export function logLine(log: Logger, event: LogEvent, fields: Record<string, unknown> = {}): void {
  const [level, text] = logLines[event];
  if (log.isLevelEnabled(level)) log[level]({ event, ...fields }, text);
}
