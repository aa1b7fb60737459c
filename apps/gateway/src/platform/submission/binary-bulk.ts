import {
  catalogue,
  SubmitJobsRequest,
  SubmitJobsRequest_Mode,
  SubmitJobsResponse,
  UniqueRule_Mode,
  UniqueRule_WhileRunning,
  validatePayload,
  type JobSubmission as Item,
} from '@roundhouse/contracts';
import { jobOfKind, reservedFields, type NewJob } from '@roundhouse/ledger';
import { newTraceparent } from '@roundhouse/telemetry';
import { check, type Checked, type FieldError, Problem } from '../http/index.js';
import { acceptAll, acceptEach } from './bulk-acceptance.js';
import { uniqueOverride, type UniqueRequest, uniqueSchema } from './job-requests.js';
import {
  asFault,
  maxPayloadBytes,
  type JobSubmission,
  type Prepared,
  type SubmissionOrigin,
} from './job-submission.js';
import { uniqueFault } from './unique-fault.js';

const maxJobs = 1_000;

/** Bulk submission as protobuf: payloads arrive encoded and are stored as they are, after the same checks as JSON ones. */
export async function submitBinary(
  submission: JobSubmission,
  body: Buffer,
  origin: SubmissionOrigin,
  idempotency: { route: string; key: string } | undefined,
): Promise<Buffer> {
  const { mode, jobs } = decode(body);
  const prepared = jobs.map((item) => prepare(item, origin));
  const accept = mode === SubmitJobsRequest_Mode.PER_ITEM ? acceptEach : acceptAll;
  const entries = await accept(submission, origin.tenantId, prepared, idempotency);
  const answer = SubmitJobsResponse.encode({
    jobs: entries.map(({ id = '', errors = [], existing = false, follower_id: followerId = '', dropped = false }) => ({
      id,
      errors,
      existing,
      followerId,
      dropped,
    })),
  });
  return Buffer.from(answer.finish());
}

function decode(body: Buffer): SubmitJobsRequest {
  let request: SubmitJobsRequest;
  try {
    request = SubmitJobsRequest.decode(body);
  } catch (error) {
    throw new Problem('invalid_request', 'The body is not a SubmitJobsRequest', { cause: error });
  }
  if (request.jobs.length === 0 || request.jobs.length > maxJobs) {
    throw new Problem('invalid_request', `A bulk request holds 1 to ${maxJobs} jobs, this one ${request.jobs.length}`, {
      errors: [{ path: 'jobs', message: `holds 1 to ${maxJobs} jobs` }],
    });
  }
  return request;
}

/** Values of newer contracts have no name here, and are refused like any other. */
const nameOf = (name: string | undefined): string => name?.toLowerCase() ?? 'unknown';
const secondsOf = (duration: NonNullable<Item['unique']>['period']): number | undefined =>
  duration && duration.seconds + duration.nanos / 1e9;

/** As the JSON body says it. */
function uniqueOf(item: Item): Checked<UniqueRequest> | undefined {
  if (!item.unique) return undefined;
  const { key, mode, period, whileRunning, maxWait, leading } = item.unique;
  return check(uniqueSchema, {
    key: key || undefined,
    mode: mode === UniqueRule_Mode.UNSPECIFIED ? undefined : nameOf(UniqueRule_Mode[mode]),
    while_running:
      whileRunning === UniqueRule_WhileRunning.UNSPECIFIED ? undefined : nameOf(UniqueRule_WhileRunning[whileRunning]),
    period_seconds: secondsOf(period),
    max_wait_seconds: secondsOf(maxWait),
    leading,
  });
}

function faults({ kind, payload, runAt }: Item, tenantId: string): FieldError[] {
  const definition = catalogue.kind(kind);
  if (!definition) return [{ path: 'kind', message: `unknown job kind "${kind}"` }];
  if (Number.isNaN(runAt?.getTime())) return [{ path: 'run_at', message: 'is not a time' }];
  if (payload.length > maxPayloadBytes)
    return [{ path: 'payload', message: `is larger than ${maxPayloadBytes} bytes` }];
  try {
    const violations = validatePayload(definition.requestType, payload);
    return [...violations, ...reservedFields(tenantId, definition.requestType, payload)].map(asFault);
  } catch (error) {
    return [{ path: 'payload', message: `is not a ${definition.requestType}: ${String(error)}` }];
  }
}

function prepare(item: Item, { tenantId, traceparent, receivedAt }: SubmissionOrigin): Prepared {
  const errors = faults(item, tenantId);
  const definition = catalogue.kind(item.kind);
  if (!definition || errors.length > 0) return { ok: false, errors };
  const unique = uniqueOf(item);
  const fault = unique?.ok ? uniqueFault(definition, unique.value) : undefined;
  const misfits = unique?.ok === false ? unique.errors : fault ? [fault] : [];
  if (misfits.length > 0)
    return { ok: false, errors: misfits.map(({ path, message }) => ({ path: `unique.${path}`, message })) };
  const overrides = unique?.ok ? { unique: uniqueOverride(unique.value) } : undefined;
  const origin = { tenantId, traceparent: traceparent || newTraceparent(), runAt: item.runAt, receivedAt, overrides };
  const job: NewJob = jobOfKind(definition, item.payload, origin);
  return { ok: true, job };
}
