import { isScheduledCursor, JobReader, type ApiKeyIdentity } from '@roundhouse/ledger';
import type { z } from 'zod';
import { type FieldError, Problem } from '../http/index.js';
import type { jobListQuerySchema } from './job-list-query.js';
import { jobSummary } from './job-view.js';

type ListQuery = z.output<typeof jobListQuerySchema>;

const withTime = ['scheduled', 'retrying'] as const;

function faults({ state = [], parent_id, created_after, created_before, cursor }: ListQuery): FieldError[] {
  const errors: FieldError[] = [];
  if (state.some((name) => !withTime.some((known) => known === name)))
    errors.push({ path: 'state', message: 'with order=run_at only scheduled and retrying' });
  for (const [path, value] of Object.entries({ parent_id, created_after, created_before }))
    if (value !== undefined) errors.push({ path, message: 'not with order=run_at' });
  if (cursor !== undefined && !isScheduledCursor(cursor)) errors.push({ path: 'cursor', message: 'not valid' });
  return errors;
}

/** What runs next: the page of `GET /v1/jobs?order=run_at`. */
export async function listUpcoming(
  reader: JobReader,
  { tenantId }: Pick<ApiKeyIdentity, 'tenantId'>,
  query: ListQuery,
) {
  const errors = faults(query);
  if (errors.length > 0) throw new Problem('invalid_request', 'The query is not valid', { errors });
  const { state, kind, queue, cursor, limit } = query;
  const states = withTime.filter((name) => state === undefined || state.includes(name));
  const { jobs, next } = await reader.upcoming(tenantId, states, { kind, queue }, cursor, limit);
  return { jobs: jobs.map(jobSummary), next: next ?? null };
}
