import { isFinal } from '@roundhouse/jobs';
import type { EntityManager } from 'typeorm';
import { type GrantTokens, unprovenAmong } from '../claiming/index.js';
import type { LockedJobs } from '../records/index.js';
import type { ReportedEvent } from './scrutiny.js';

/** Who may report for which attempt: the worker that it was granted to, with the token that it was granted with. */
export class Holders {
  private constructor(
    private readonly locked: LockedJobs,
    /** Of attempts that run no more, or may not when the batch is through. */
    private readonly past: ReadonlySet<string>,
    /** Come without the token of their grant. */
    private readonly unproven: ReadonlySet<ReportedEvent>,
  ) {}

  static async of(
    tx: EntityManager,
    locked: LockedJobs,
    events: readonly ReportedEvent[],
    tokens?: GrantTokens,
  ): Promise<Holders> {
    const unproven = await unprovenAmong(tx, events, tokens);
    const late = events.filter((event) => countsLate(event) && !isRunning(locked, event));
    const now = events.flatMap(({ jobId, attempt }) => {
      const worker = locked.get(jobId)?.status.workerId;
      return worker !== undefined && isRunning(locked, { jobId, attempt }) ? [keyOf(jobId, attempt, worker)] : [];
    });
    if (late.length === 0) return new Holders(locked, new Set(now), unproven);
    const rows = await tx.query<{ job_id: string; attempt: number; worker: string }[]>(
      `select distinct h.job_id, h.attempt, h.detail->>'worker' as worker
       from unnest($1::uuid[], $2::integer[]) as u(job_id, attempt)
       join ledger.job_history h on h.job_id = u.job_id and h.attempt = u.attempt and h.type = 'running'`,
      [late.map(({ jobId }) => jobId), late.map(({ attempt }) => Math.min(attempt, 2 ** 31 - 1))],
    );
    const past = rows.map((row) => keyOf(row.job_id, row.attempt, row.worker));
    return new Holders(locked, new Set([...now, ...past]), unproven);
  }

  /** `outdated`: of an attempt that is over, so that it changes nothing, whoever sent it. */
  judge(event: ReportedEvent): 'holder' | 'unproven' | 'stranger' | 'outdated' {
    const named = this.judgeName(event);
    return named === 'holder' && this.unproven.has(event) ? 'unproven' : named;
  }

  private judgeName(event: ReportedEvent): 'holder' | 'stranger' | 'outdated' {
    const { jobId, attempt, workerId } = event;
    const status = this.locked.get(jobId)?.status;
    if (!status || (isFinal(status.state) && event.event?.$case === 'succeeded')) return 'outdated';
    if (isRunning(this.locked, event)) return status.workerId === workerId ? 'holder' : 'stranger';
    if (!countsLate(event)) return 'outdated';
    return this.past.has(keyOf(jobId, attempt, workerId)) ? 'holder' : 'stranger';
  }
}

/** Of what is over only this may still count: the first success wins, whichever attempt it came from, and what a provider said is so. */
const countsLate = ({ event }: ReportedEvent): boolean =>
  event?.$case === 'succeeded' || event?.$case === 'throttled' || event?.$case === 'rateFeedback';

function isRunning(locked: LockedJobs, { jobId, attempt }: Pick<ReportedEvent, 'jobId' | 'attempt'>): boolean {
  const status = locked.get(jobId)?.status;
  return status?.state === 'running' && status.attempt === attempt;
}

export const strangersFault = ({ attempt, workerId, event }: ReportedEvent): string =>
  `"${event?.$case}" of attempt ${attempt}, which ${workerId.slice(0, 200)} was not granted`;

const keyOf = (jobId: string, attempt: number, workerId: string): string => `${jobId} ${attempt} ${workerId}`;
