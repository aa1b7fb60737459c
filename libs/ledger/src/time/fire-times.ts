import { InvalidCron, nextFireTime } from './cron.js';

export interface DueTimes {
  /** Oldest first; the latest of them when there are more than were asked for. */
  times: Date[];
  /** Number is not known: more were due before these. */
  more: boolean;
}

/** Undefined: it is not due again, or this machine does not know its zone any more. Others must fire all the same. */
export function timeAfter(cron: string, timeZone: string, after: Date): Date | undefined {
  try {
    return nextFireTime(cron, timeZone, after);
  } catch (error) {
    if (error instanceof InvalidCron) return undefined;
    throw error;
  }
}

/** The next `count` times after `after`. */
export function nextFireTimes(cron: string, timeZone: string, after: Date, count: number): Date[] {
  const times: Date[] = [];
  for (let at = timeAfter(cron, timeZone, after); at && times.length < count; at = timeAfter(cron, timeZone, at))
    times.push(at);
  return times;
}

// Something like "every second in June", looked at in July after an outage of a month.
const tooMany = 20_000;

function timesBetween(cron: string, timeZone: string, after: Date, until: Date): Date[] {
  const times: Date[] = [];
  for (let at = timeAfter(cron, timeZone, after); at && at <= until; at = timeAfter(cron, timeZone, at)) {
    times.push(at);
    if (times.length >= tooMany) break;
  }
  return times;
}

/**
 * The latest times at which a schedule was due from `first` (which is one) to `until`. After a long outage there may be
 * millions: they are looked for backwards, in spans that double, so that only about as many as wanted are worked out.
 */
export function dueTimes(cron: string, timeZone: string, first: Date, until: Date, atMost: number): DueTimes {
  for (let span = 60_000; ; span *= 2) {
    const start = until.getTime() - span;
    if (start <= first.getTime()) {
      const times = [first, ...timesBetween(cron, timeZone, first, until)];
      return { times: times.slice(-atMost), more: times.length > atMost };
    }
    const times = timesBetween(cron, timeZone, new Date(start), until);
    if (times.length >= atMost) return { times: times.slice(-atMost), more: true };
  }
}
