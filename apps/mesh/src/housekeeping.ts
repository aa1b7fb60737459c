import type { TypeOrmInbox } from '@roundhouse/inbox';
import type { Log } from '@roundhouse/jobs';
import { logLine } from '@roundhouse/telemetry';

const everyMs = 6 * 3_600_000;
/** Longer than anybody waits before he runs a dead job again. */
const keptMs = 90 * 24 * 3_600_000;

/** Forgets old steps of the mesh inbox from time to time. */
export function keepHouse(inbox: TypeOrmInbox, log: Log): NodeJS.Timeout {
  const forget = () =>
    inbox
      .forget(new Date(Date.now() - keptMs))
      .catch((error: unknown) => logLine(log, 'inbox.not_forgotten', { err: error }));
  return setInterval(() => void forget(), everyMs).unref();
}
