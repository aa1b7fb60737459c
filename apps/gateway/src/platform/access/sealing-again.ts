import { logLine, type Logger } from '@roundhouse/telemetry';

/**
 * After a rotation, at the start of a gateway: what an earlier key has sealed is sealed with the current one, so that the earlier one can
 * go. Nobody waits for that: what cannot be done now is done at the next start.
 */
export async function sealAgain(
  of: 'connections' | 'webhooks',
  log: Logger,
  work: () => Promise<{ sealed: number; unreadable: number }>,
): Promise<void> {
  try {
    const { sealed, unreadable } = await work();
    if (sealed + unreadable > 0) logLine(log, 'secrets.sealed_again', { of, sealed, unreadable });
  } catch (err) {
    logLine(log, 'secrets.not_sealed_again', { of, err });
  }
}
