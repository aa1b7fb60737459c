import type { JobState } from '@roundhouse/jobs';

/** What the ledger knows of a job's life; times in ms of its clock. */
export interface JobFacts {
  now: number;
  state: JobState;
  receivedAt: number | undefined;
  createdAt: number;
  finishedAt: number | undefined;
  /** Its delivery is still to be sent. */
  inOutbox: boolean;
  /** When the last delivery was with the broker, as far as that was noted. */
  relayedAt: number | undefined;
  /** Oldest first, without reports of progress. */
  history: readonly HistoryFact[];
}

export interface HistoryFact {
  type: string;
  attempt: number;
  at: number;
  detail: Readonly<Record<string, unknown>>;
}
