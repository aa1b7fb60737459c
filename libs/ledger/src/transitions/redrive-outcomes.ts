import type { EntityManager } from 'typeorm';
import type { LockedJob } from '../records/index.js';

/** Tells the redrives that sent these jobs how they ended, in the transaction that ended them. */
export async function recordRedriveOutcomes(tx: EntityManager, ended: Iterable<LockedJob>): Promise<void> {
  const jobs = [...ended].filter((job) => job.redriveId !== null);
  if (jobs.length === 0) return;
  await tx.query(
    `update ledger.redrive_jobs r set outcome = e.state,
       recurred = e.state = 'dead' and r.fingerprint is not distinct from e.fingerprint
     from unnest($1::uuid[], $2::uuid[], $3::text[], $4::text[]) as e(job_id, redrive_id, state, fingerprint)
     where r.redrive_id = e.redrive_id and r.job_id = e.job_id and r.sent_at is not null and r.outcome is null`,
    [
      jobs.map((job) => job.id),
      jobs.map((job) => job.redriveId),
      jobs.map((job) => job.status.state),
      jobs.map((job) => job.fingerprint),
    ],
  );
}
