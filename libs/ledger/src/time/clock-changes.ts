import { WallClock } from './wall-clock.js';

/** One turn of a zone's clock. */
export interface ClockChange {
  at: Date;
  /** repeated: turned back, so that times are shown twice; skipped: turned forward over times that are never shown. */
  kind: 'repeated' | 'skipped';
  /** The times that are shown twice or never, as milliseconds that read so in UTC; the end is not among them. */
  shown: { from: number; until: number };
}

const dayMs = 86_400_000;

/** The changes of a zone's clock from one moment to another, earliest first. */
export function clockChanges(timeZone: string, from: Date, until: Date): ClockChange[] {
  const clock = new WallClock(timeZone);
  const changes: ClockChange[] = [];
  for (let start = from.getTime(); start < until.getTime(); start += dayMs) {
    const at = clock.changeBetween(start, Math.min(start + dayMs, until.getTime()));
    if (at !== undefined) changes.push(changeAt(clock, at));
  }
  return changes;
}

function changeAt(clock: WallClock, at: number): ClockChange {
  const before = at + clock.offsetMs(at - 1);
  const after = clock.at(at);
  return {
    at: new Date(at),
    kind: after < before ? 'repeated' : 'skipped',
    shown: { from: Math.min(before, after), until: Math.max(before, after) },
  };
}
