import type { AttemptAccount } from './attempt-account.js';

/** What a moment of a job's life was spent on. Exactly one holds at any time. */
export type TimeCause =
  /** From the request's arrival until the job was in the account. */
  | 'accept'
  /** In the ledger's outbox, waiting for its turn to be sent or for the broker to be there. */
  | 'outbox'
  /** With the broker, waiting for a worker. */
  | 'backlog'
  | 'slot'
  | 'token'
  | 'pause'
  | 'dependency'
  /** Its time had not come. */
  | 'scheduled'
  /** Its handler asked for a break. */
  | 'snooze'
  | 'retry_wait'
  /** Only workers that cannot run it were there. */
  | 'version_skew'
  | 'running'
  /** From the handler's end until the ledger had the outcome. */
  | 'outcome'
  /** From the last sign of life of a lost worker until the job was taken back. */
  | 'takeover'
  /** The broker had lost the delivery. */
  | 'lost_delivery'
  /** Dead, until somebody sent it again. */
  | 'dead'
  /** Nobody wrote down what happened then. */
  | 'unknown';

export interface TimeSegment {
  cause: TimeCause;
  /** Milliseconds of the database's clock. */
  from: number;
  to: number;
  /** Of running, outcome and takeover. */
  attempt?: number;
  /** What was waited for: a slot's key, a bucket, a pause. */
  on?: string;
}

export interface TimeAccount {
  from: number;
  to: number;
  segments: TimeSegment[];
  totals: Partial<Record<TimeCause, number>>;
  attempts: AttemptAccount[];
}

/** Fills itself from the start on, so that no segment leaves a gap or overlaps another. */
export class Account {
  readonly segments: TimeSegment[] = [];
  /** Up to where the time is accounted for. */
  cursor: number;

  constructor(readonly start: number) {
    this.cursor = start;
  }

  /** What has not been accounted for up to `to` is down to `cause`. A time before the last one adds nothing. */
  until(to: number, cause: TimeCause, more: Pick<TimeSegment, 'attempt' | 'on'> = {}): void {
    const at = Math.round(to);
    if (!(at > this.cursor)) return;
    const last = this.segments.at(-1);
    const same = last && last.cause === cause && last.on === more.on && last.attempt === more.attempt;
    if (same) last.to = at;
    else this.segments.push({ cause, from: this.cursor, to: at, ...more });
    this.cursor = at;
  }
}

export function totalsOf(segments: readonly TimeSegment[]): TimeAccount['totals'] {
  const totals: TimeAccount['totals'] = {};
  for (const { cause, from, to } of segments) totals[cause] = (totals[cause] ?? 0) + to - from;
  return totals;
}
