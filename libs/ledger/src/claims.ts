import {
  Dropped_Reason,
  RevokedAttempt_Reason,
  type ClaimDecision,
  type ClaimRequest,
  type RevokedAttempt,
  type WorkerHeartbeat,
} from '@roundhouse/contracts';
import { defaultJobRules } from '@roundhouse/jobs';
import { jobAttributes, recordSpan, spanNames, tracingEnabled } from '@roundhouse/telemetry';
import type { DataSource } from 'typeorm';
import { inTransaction } from './ledger-database.js';
import { LockedJobs, type LockedJob, type RulesOf } from './locked-jobs.js';
import { recordWorker } from './workers.js';

export interface ClaimOptions {
  /** How long a redelivered job's worker may take to say that it is still there, in ms. Asked anew for every batch. */
  graceMs(): number;
  /** Something new can be read of these jobs. */
  onChanged(jobs: Iterable<LockedJob>): void;
  /** Rows were added to the outbox. */
  onDispatch(): void;
}

const dropReason = {
  finished: Dropped_Reason.FINISHED,
  running: Dropped_Reason.RUNNING,
  parked: Dropped_Reason.PARKED,
  unknown: Dropped_Reason.UNKNOWN,
} as const;

function dropped(jobId: string, reason: keyof typeof dropReason): ClaimDecision {
  return { jobId, decision: { $case: 'dropped', value: { reason: dropReason[reason] } } };
}

const lease = { seconds: defaultJobRules.leaseMs / 1000, nanos: 0 };

/** Decides who runs what. The compare-and-set behind every grant is the row lock plus the state machine. */
export class Claims {
  constructor(
    private readonly dataSource: DataSource,
    private readonly rulesOf: RulesOf,
    private readonly options: ClaimOptions,
  ) {}

  /** Answers many requests in one transaction; each answer is in the order of its request's claims. */
  async answer(requests: ClaimRequest[]): Promise<ClaimDecision[][]> {
    const start = new Date();
    const { decisions, jobs } = await inTransaction(this.dataSource, async (tx) => {
      const ids = [...new Set(requests.flatMap((r) => r.claims.map((c) => c.jobId)))];
      const locked = await LockedJobs.byId(tx, ids, this.rulesOf);
      const answers = requests.map(({ workerId, claims }) =>
        claims.map(({ jobId, redelivered }) => this.decide(locked, jobId, workerId, redelivered)),
      );
      await locked.write();
      return { decisions: answers, jobs: locked };
    });
    this.trace(requests, jobs, start);
    this.options.onChanged(jobs.changedJobs);
    if (jobs.dispatches > 0) this.options.onDispatch();
    return decisions;
  }

  /** Renews leases and tells which of the running attempts must stop. */
  async heartbeat(heartbeat: WorkerHeartbeat): Promise<RevokedAttempt[]> {
    return inTransaction(this.dataSource, async (tx) => {
      await recordWorker(tx, heartbeat);
      if (heartbeat.running.length === 0) return [];
      const locked = await LockedJobs.byId(tx, heartbeat.running.map((r) => r.jobId), this.rulesOf);
      const revoked = heartbeat.running.flatMap(({ jobId, attempt }) => {
        const job = locked.get(jobId);
        if (job) locked.apply(job, { type: 'assert', attempt });
        return revocation(job, jobId, attempt);
      });
      await locked.write();
      return revoked;
    });
  }

  private decide(locked: LockedJobs, jobId: string, workerId: string, redelivered: boolean): ClaimDecision {
    const job = locked.get(jobId);
    if (!job) return dropped(jobId, 'unknown');
    const { verdict } = locked.apply(job, { type: 'claim', workerId, redelivered, graceMs: this.options.graceMs() });
    if (verdict !== 'granted') return dropped(jobId, verdict ?? 'parked');
    locked.note(job, 'running', { worker: workerId });
    const { attempt, failures } = job.status;
    const checkpoint = job.checkpoint ?? Buffer.alloc(0);
    return { jobId, decision: { $case: 'granted', value: { attempt, failures, checkpoint, lease, inputs: {} } } };
  }

  private trace(requests: ClaimRequest[], jobs: LockedJobs, start: Date): void {
    if (!tracingEnabled()) return;
    const end = new Date();
    for (const { jobId, traceparent } of requests.flatMap((r) => r.claims)) {
      const job = jobs.get(jobId);
      const attributes = jobAttributes({ jobId, tenant: job?.tenantId, kind: job?.kind, attempt: job?.status.attempt });
      recordSpan(spanNames.ledgerClaim, { kind: 'server', parent: traceparent, attributes, start, end });
    }
  }
}

function revocation(job: LockedJob | undefined, jobId: string, attempt: number): RevokedAttempt[] {
  if (job?.status.state === 'running' && job.status.attempt === attempt) {
    return job.status.cancelRequestedAt === undefined ? [] : [{ jobId, attempt, reason: RevokedAttempt_Reason.CANCELLED }];
  }
  const cancelled = job?.status.state === 'cancelled';
  return [{ jobId, attempt, reason: cancelled ? RevokedAttempt_Reason.CANCELLED : RevokedAttempt_Reason.SUPERSEDED }];
}
