import { catalogue, DeathNotice, ErrorCode } from '@roundhouse/contracts';
import type { EntityManager } from 'typeorm';
import { failurePage, insertJobs, jobOfKind, type LockedJob } from '../records/index.js';

/** Creates the jobs that kinds want to be told of their deaths by. */
export async function announceDeaths(tx: EntityManager, ended: Iterable<LockedJob>): Promise<number> {
  const deaths = [...ended].flatMap((job) => {
    const kind = job.status.state === 'dead' ? catalogue.kind(job.kind)?.onDeath : undefined;
    const definition = kind === undefined ? undefined : catalogue.kind(kind);
    return definition ? [{ job, definition }] : [];
  });
  if (deaths.length === 0) return 0;
  const rows = await tx.query<{ id: string; payload: Buffer }[]>(
    `select id, payload from ledger.jobs where id = any($1::uuid[])`,
    [deaths.map(({ job }) => job.id)],
  );
  const payloads = new Map(rows.map((row) => [row.id, row.payload]));
  const notices = deaths.map(({ job, definition }) =>
    jobOfKind(definition, notice(job, payloads.get(job.id)), {
      tenantId: job.tenantId,
      traceparent: job.traceparent,
      parentId: job.id,
    }),
  );
  await insertJobs(tx, notices);
  return notices.length;
}

function notice({ id, kind, error, status, fingerprint }: LockedJob, payload: Buffer | undefined): Uint8Array {
  const message = DeathNotice.fromPartial({
    jobId: id,
    kind,
    payload,
    error: { code: ErrorCode[error?.code as keyof typeof ErrorCode] ?? ErrorCode.INTERNAL, message: error?.message },
    attempts: status.attempt,
    diedAt: new Date(),
    fingerprint: fingerprint ?? '',
    console: fingerprint === null ? '' : failurePage(fingerprint),
  });
  return DeathNotice.encode(message).finish();
}
