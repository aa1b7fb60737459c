import { RevokedAttempt_Reason, type RevokedAttempt, type WorkerHeartbeat } from '@roundhouse/contracts';
import type { DataSource } from 'typeorm';
import { unprovenAmong, unprovenFault } from './grant-proofs.js';
import type { GrantTokens } from './grant-token.js';
import { inTransaction } from '../storage/index.js';
import { type LockedJob, LockedJobs, Refusals, type RulesOf } from '../records/index.js';
import { recordWorker } from './workers.js';

/** Signs of life of workers, and of the attempts that they run. */
export class Heartbeats {
  private readonly refusals = new Refusals();

  /** @param tokens demanded of every attempt; without them nothing is */
  constructor(
    private readonly dataSource: DataSource,
    private readonly rulesOf: RulesOf,
    private readonly tokens?: GrantTokens,
  ) {}

  /** Renews leases and tells which of the running attempts must stop. */
  async hear(heartbeat: WorkerHeartbeat): Promise<RevokedAttempt[]> {
    return inTransaction(this.dataSource, async (tx) => {
      await recordWorker(tx, heartbeat);
      if (heartbeat.running.length === 0) return [];
      const locked = await LockedJobs.byId(
        tx,
        heartbeat.running.map((r) => r.jobId),
        this.rulesOf,
      );
      const { workerId } = heartbeat;
      const told = heartbeat.running.map((running) => ({ ...running, workerId }));
      const unproven = await unprovenAmong(tx, told, this.tokens);
      const revoked = told.flatMap((running) => {
        const { jobId, attempt } = running;
        const job = locked.get(jobId);
        // Only who was granted it can say that it runs.
        const own = job?.status.workerId === workerId && !unproven.has(running) ? job : undefined;
        if (own) locked.apply(own, { type: 'assert', attempt });
        else if (job && unproven.has(running) && job.status.state === 'running' && job.status.attempt === attempt)
          this.refusals.note(locked, job, running, unprovenFault('heartbeat', running));
        return revocation(own, job, { jobId, attempt });
      });
      await locked.write();
      return revoked;
    });
  }
}

function revocation(
  own: LockedJob | undefined,
  job: LockedJob | undefined,
  { jobId, attempt }: { jobId: string; attempt: number },
): RevokedAttempt[] {
  if (own?.status.state === 'running' && own.status.attempt === attempt) {
    return own.status.cancelRequestedAt === undefined
      ? []
      : [{ jobId, attempt, reason: RevokedAttempt_Reason.CANCELLED }];
  }
  const cancelled = job?.status.state === 'cancelled';
  return [{ jobId, attempt, reason: cancelled ? RevokedAttempt_Reason.CANCELLED : RevokedAttempt_Reason.SUPERSEDED }];
}
