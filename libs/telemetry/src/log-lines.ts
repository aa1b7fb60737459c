type Severity = 'debug' | 'info' | 'warn' | 'error' | 'fatal';

/**
 * Every log line of the services: event → level and text. `event` is what to search and alert by; the text may change.
 * The lines named `attempt.…`, except `attempt.lost`, are written in libs/jobs, which knows no telemetry: it repeats level
 * and text.
 */
export const logLines = {
  'service.starting': ['debug', 'Service is starting'],
  'service.waiting': ['warn', 'Service waits for a server that is not there'],
  'service.reached': ['info', 'Server is there, the start goes on'],
  'service.started': ['info', 'Service is ready'],
  'service.start_failed': ['fatal', 'Service could not start'],
  'service.start_abandoned': ['warn', 'Service was told to stop before it was ready'],
  'service.stopping': ['info', 'Service is stopping'],
  'service.stopped': ['info', 'Service has stopped'],
  'service.stop_failed': ['error', 'Service did not stop cleanly'],
  'service.stop_deadline': ['error', 'Service did not stop in time and is ended'],
  'service.crashed': ['fatal', 'Service ends because of an unexpected error'],
  'telemetry.flush_failed': ['warn', 'The last traces or metrics could not be delivered'],
  'broker.connect_failed': ['warn', 'broker connection failed'],
  'broker.setup_error': ['debug', 'broker connection error during set-up'],
  'broker.error': ['warn', 'broker connection error'],
  'broker.disconnected': ['warn', 'broker connection lost'],
  'broker.blocked': ['warn', 'broker blocks publishers'],
  'broker.channel_error': ['warn', 'channel error'],
  'broker.channel_not_reopened': ['warn', 'channel could not be opened again'],
  'broker.channel_closed_already': ['debug', 'channel was closed already'],
  'control.ignored': ['warn', 'control message ignored'],
  'delivery.handed_back': ['error', 'delivery handed back'],
  'delivery.quarantined': ['error', 'delivery quarantined'],
  'bundle.taken_apart': ['warn', 'bundle taken apart, its jobs sent again each for itself'],
  'delivery.rejected': ['error', 'delivery rejected instead of quarantined'],
  'delivery.not_settled': ['debug', 'delivery not settled'],
  'delivery.not_acknowledged': ['debug', 'deliveries not acknowledged'],
  'claim.unanswered': ['warn', 'ledger did not answer a claim'],
  'heartbeat.unanswered': ['warn', 'heartbeat not answered'],
  'attempt.failed': ['warn', 'attempt failed'],
  'attempt.domain_events_left_out': ['warn', 'domain events of a failed attempt left out, they are too large'],
  'attempt.event_not_reported': ['warn', 'event could not be reported'],
  'attempt.rate_feedback_left_out': ['warn', 'rate feedback without usable numbers left out'],
  'attempt.lost': ['warn', 'attempt lost'],
  'events.not_reported': ['warn', 'events not reported yet'],
  'events.mark_not_applied': ['warn', 'mark not applied, another one is sent'],
  'events.not_applied': ['warn', 'events not applied yet'],
  'events.rejected': ['error', 'events message can never be applied'],
  'events.rejected_not_kept': ['warn', 'rejected events message not kept yet'],
  'events.lines_lost': ['error', 'lines of attempts could not be stored and are lost'],
  'request.unanswered': ['warn', 'request not answered'],
  'request.not_acknowledged': ['debug', 'message not acknowledged, it comes again'],
  'quarantine.not_recorded': ['warn', 'quarantined delivery not recorded yet'],
  'flights.not_saved': ['warn', 'counts of deliveries under way not saved'],
  'outbox.relay_failed': ['warn', 'outbox batch not sent'],
  'outbox.not_counted': ['debug', 'outbox not counted'],
  'publish.refused': ['error', 'deliveries not published, they stay in the outbox'],
  'publish.late': ['warn', 'late delivery stays in the outbox'],
  'secrets.sealed_again': ['info', 'secrets sealed with the current key'],
  'secrets.not_sealed_again': ['warn', 'secrets not sealed with the current key yet'],
  'sweeper.failed': ['warn', 'sweep failed'],
  'sweeper.redispatched': ['warn', 'broker had lost deliveries, sent again'],
  'timekeeper.failed': ['warn', 'due jobs not handled yet'],
  'reconcile.failed': ['warn', 'blocked jobs not reconciled yet'],
  'reconcile.left_to_scheduler': ['warn', 'blocked jobs are left to the scheduler'],
  'redrive.failed': ['warn', 'redrive not carried on yet'],
  'redrive.stopped': ['warn', 'redrive stopped, its fingerprint recurred'],
  'batch.not_cancelled': ['warn', 'batches not cancelled yet'],
  'console.feed_failed': ['warn', 'console: what happened could not be read, it is tried again'],
  'statistics.not_written': ['warn', 'figures of jobs not written yet'],
  'housekeeping.failed': ['warn', 'housekeeping failed, it is tried again'],
  'spreadsheets.not_swept': ['warn', 'expired sheets could not be removed, it is tried again'],
  'inbox.not_forgotten': ['warn', 'old inbox steps could not be forgotten'],
  'schedule.fired': ['info', 'Schedule fired'],
  'schedule.failed': ['error', 'Schedule could not fire'],
  'score.fills_changed': ['info', 'fills were imported while they were scored'],
  'score.stored': ['info', 'trades scored, findings stored'],
  'digest.stored': ['info', 'digest stored'],
  'import.page_stored': ['info', 'page of trades stored'],
  'import.files_not_swept': ['warn', 'old files of trades could not be removed, it is tried again'],
  'import.rows_faulty': ['warn', 'rows could not be read, the others are stored'],
  'mesh.made': ['info', 'mesh made'],
  'mesh.swept': ['info', 'temporary files of an earlier process removed'],
  'mesh.not_looked_after': ['warn', 'batches of meshes and tasks of engines not looked after yet'],
  'http.failed': ['error', 'Request failed'],
} as const satisfies Record<string, readonly [Severity, string]>;

export type LogEvent = keyof typeof logLines;

type Write = (fields: object, message: string) => void;

/** What a line can be written to: a `Logger`, or the `Log` port of libs/jobs, which knows no `fatal` and no levels. */
export type LogTarget = Record<Exclude<Severity, 'fatal'>, Write> & {
  fatal?: Write;
  isLevelEnabled?(level: Severity): boolean;
};

/** Writes one line of the table. `fields` may hold anything but `event`. */
export function logLine(
  log: LogTarget,
  event: LogEvent,
  fields: Record<string, unknown> & { event?: never } = {},
): void {
  const [level, text]: readonly [Severity, string] = logLines[event];
  if (log.isLevelEnabled?.(level) === false) return;
  if (level === 'fatal' && log.fatal !== undefined) log.fatal({ event, ...fields }, text);
  else log[level === 'fatal' ? 'error' : level]({ event, ...fields }, text);
}
