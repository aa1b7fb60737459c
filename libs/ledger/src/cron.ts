import { Cron } from 'croner';

export class InvalidCron extends Error {
  override readonly name = 'InvalidCron';
}

/**
 * The first time after `after` at which a cron expression is due in an IANA zone. Daylight saving: a time in the gap runs
 * once right after it, a time in the overlap runs once. Throws InvalidCron for a bad expression or zone, or one that is never due.
 */
export function nextFireTime(expression: string, timeZone: string, after: Date): Date {
  let next: Date | null;
  try {
    next = new Cron(expression, { timezone: timeZone, paused: true }).nextRun(after);
  } catch (error) {
    throw new InvalidCron(`Cron expression "${expression}" in zone ${timeZone}: ${String(error)}`, { cause: error });
  }
  if (!next) throw new InvalidCron(`Cron expression "${expression}" is never due`);
  return next;
}
