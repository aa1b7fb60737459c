import { clockChanges, type ClockChange } from './clock-changes.js';
import { timeAfter } from './fire-times.js';

export interface PreviewedTime {
  at: Date;
  /** The change of the clock that this time lies in, or follows at once. */
  change?: ClockChange;
}

export interface SchedulePreview {
  times: PreviewedTime[];
  /** All of the span that the times cover. */
  changes: ClockChange[];
  /** The first time that is left out, as there are more than were asked for. */
  next?: Date;
}

/** When an expression is due from one moment (inclusive) to another (exclusive), and where the clock changes meanwhile. */
export function previewSchedule(
  { cron, time_zone: zone }: { cron: string; time_zone: string },
  { from, until, limit }: { from: Date; until: Date; limit: number },
): SchedulePreview {
  const times: Date[] = [];
  let at = timeAfter(cron, zone, new Date(from.getTime() - 1));
  for (; at && at < until && times.length < limit; at = timeAfter(cron, zone, at)) times.push(at);
  const next = at && at < until ? at : undefined;
  // A change shortly before or after has a share in hours that are shown twice.
  const around = clockChanges(zone, shifted(from, -dayMs), shifted(next ?? until, dayMs));
  return {
    times: times.map((time) => ({ at: time, change: around.find((change) => touches(change, time)) })),
    changes: around.filter((change) => change.at >= from && change.at < (next ?? until)),
    ...(next && { next }),
  };
}

const dayMs = 86_400_000;
const shifted = (at: Date, ms: number) => new Date(at.getTime() + ms);

function touches({ at, kind, shown }: ClockChange, time: Date): boolean {
  const distance = time.getTime() - at.getTime();
  const length = shown.until - shown.from;
  return kind === 'skipped' ? distance === 0 : distance >= -length && distance < length;
}
