import type { Accepted, NewJob } from '@roundhouse/ledger';
import { type FieldError, Problem } from '../http/index.js';
import type { JobSubmission, Prepared } from './job-submission.js';

/** One entry of a bulk answer: the job's id, or what is wrong with it. */
export interface BulkEntry {
  id?: string;
  existing?: true;
  follower_id?: string;
  dropped?: true;
  errors?: FieldError[];
}

/** What is said of the job at a place of the request. */
export function acceptedEntry({ jobIds, standIns }: Accepted, at = 0): BulkEntry & { id: string } {
  const standIn = standIns?.[at];
  if (!standIn) return { id: jobIds[at] as string };
  const { existing: id, follower, dropped } = standIn;
  return { id, existing: true, ...(follower && { follower_id: follower }), ...(dropped && { dropped }) };
}

type Idempotency = { route: string; key: string } | undefined;

/** Stores all of them or none; the first 100 faults are named with their position. */
export async function acceptAll(
  submission: JobSubmission,
  tenantId: string,
  prepared: Prepared[],
  idempotency: Idempotency,
): Promise<BulkEntry[]> {
  const accepted = await submission.accept(tenantId, allValid(prepared), idempotency);
  return accepted.jobIds.map((_, i) => acceptedEntry(accepted, i));
}

/** Each by itself; they share a transaction all the same, because they arrive together. */
export function acceptEach(
  submission: JobSubmission,
  tenantId: string,
  prepared: Prepared[],
  idempotency: Idempotency,
): Promise<BulkEntry[]> {
  return Promise.all(
    prepared.map(async (item, i): Promise<BulkEntry> => {
      if (!item.ok) return { errors: item.errors };
      try {
        const own = idempotency && { ...idempotency, key: `${idempotency.key}#${i}` };
        return acceptedEntry(await submission.accept(tenantId, [item.job], own));
      } catch (error) {
        if (error instanceof Problem && error.status < 500) return { errors: [{ path: '', message: error.message }] };
        throw error;
      }
    }),
  );
}

function allValid(prepared: Prepared[]): NewJob[] {
  const errors: FieldError[] = prepared.flatMap((p, i) =>
    p.ok ? [] : p.errors.map(({ path, message }) => ({ path: `jobs[${i}]${path ? `.${path}` : ''}`, message })),
  );
  if (errors.length > 0) {
    throw new Problem('invalid_request', `${errors.length} errors in the jobs; nothing was stored`, {
      errors: errors.slice(0, 100),
    });
  }
  return prepared.flatMap((p) => (p.ok ? [p.job] : []));
}
