import { catalogue, decodeToJson, redactSensitive } from '@roundhouse/contracts';
import type { JobDetail, JobEntity } from '@roundhouse/ledger';
import { traceIdOf } from '@roundhouse/telemetry';
import { z } from 'zod';

const time = z.iso.datetime().nullable();

/** A job in lists. */
export const jobSummarySchema = z
  .object({
    id: z.uuid(),
    kind: z.string(),
    queue: z.string(),
    state: z.string().describe('scheduled, queued, running, retrying, blocked, succeeded, dead or cancelled'),
    attempt: z.number().int().describe('Runs so far, the current one included'),
    failures: z.number().int(),
    progress: z.object({ percent: z.number(), message: z.string() }).nullable(),
    error: z.object({ code: z.string(), message: z.string(), field: z.string().optional() }).nullable(),
    fingerprint: z.string().nullable().describe('Of a dead job: its group in `GET /v1/dead`'),
    discarded_at: time.describe('A dead job that nobody wants to see any more'),
    parent_id: z.uuid().nullable(),
    trace_id: z.string().nullable(),
    cancel_requested_at: time,
    created_at: time,
    run_at: time,
    started_at: time,
    finished_at: time,
  })
  .meta({ id: 'JobSummary' });

export const jobSchema = jobSummarySchema
  .extend({
    payload: z
      .unknown()
      .describe('The request message as JSON, sensitive fields as "[redacted]"; null when its bytes cannot be read'),
    result: z.unknown().describe('The result message as JSON; null until the job has succeeded'),
    follow_ups: z.array(z.uuid()).describe('Jobs that were created by this one (at most 1000)'),
    rerun_of: z.uuid().nullable().describe('Job that this one is run again of'),
    reruns: z.array(z.uuid()).describe('Jobs that are this one run again'),
    worker_id: z.string().nullable(),
  })
  .meta({ id: 'Job' });

const iso = (date: Date | null): string | null => date?.toISOString() ?? null;

export function jobSummary(job: JobEntity): z.input<typeof jobSummarySchema> {
  const { error } = job;
  return {
    id: job.id,
    kind: job.kind,
    queue: job.queue,
    state: job.state,
    attempt: job.attempt,
    failures: job.failures,
    progress: job.progress === null ? null : { percent: job.progress, message: job.progressMessage ?? '' },
    error: error && { code: error.code, message: error.message, ...(error.field && { field: error.field }) },
    fingerprint: job.state === 'dead' ? job.fingerprint : null,
    discarded_at: iso(job.discardedAt),
    parent_id: job.parentId,
    trace_id: traceIdOf(job.traceparent) ?? null,
    cancel_requested_at: iso(job.cancelRequestedAt),
    created_at: iso(job.createdAt),
    run_at: iso(job.runAt),
    started_at: iso(job.startedAt),
    finished_at: iso(job.finishedAt),
  };
}

/** Without the values of sensitive fields. Poison and messages of newer contracts are stored all the same; their bytes may mean nothing to this version. */
function readable(typeName: string | undefined, bytes: Buffer | null): unknown {
  if (!typeName || !bytes) return null;
  try {
    return redactSensitive(typeName, decodeToJson(typeName, bytes));
  } catch {
    return null;
  }
}

export function jobView(job: JobDetail): z.input<typeof jobSchema> {
  const definition = catalogue.kind(job.kind);
  return {
    ...jobSummary(job),
    payload: readable(definition?.requestType, job.payload),
    result: readable(definition?.resultType, job.result),
    follow_ups: job.followUpIds,
    rerun_of: job.rerunOf,
    reruns: job.rerunIds,
    worker_id: job.workerId,
  };
}
