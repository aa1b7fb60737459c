import { Injectable } from '@nestjs/common';
import { catalogue, encodeJsonPayload, type ContractViolation, type KindDefinition } from '@roundhouse/contracts';
import {
  IdempotencyConflict,
  jobOfKind,
  reservedFields,
  UniqueConflict,
  type Accepted,
  type IdempotencyKey,
  type NewJob,
} from '@roundhouse/ledger';
import { newTraceparent, spanNames, withSpan } from '@roundhouse/telemetry';
import { createHash } from 'node:crypto';
import { LedgerEngine } from '../engine/index.js';
import { OutboxLimit } from './outbox-limit.js';
import { type FieldError, Problem } from '../http/index.js';
import { jobOverrides, type JobRequest } from './job-requests.js';
import { uniqueFault } from './unique-fault.js';

/** Encoded payloads above this go by reference (a storage key); RabbitMQ 4 refuses messages of 16 MiB and dislikes large ones. */
export const maxPayloadBytes = 256 * 1024;

export interface SubmissionOrigin {
  tenantId: string;
  traceparent: string | undefined;
  /** When the request arrived, by `performance.now()`. */
  receivedAt?: number;
}

/** `delayMs`: its time was asked for as a delay. */
export type RequestedJob = NewJob & { delayMs?: number };
export type Prepared = { ok: true; job: RequestedJob } | { ok: false; errors: FieldError[] };

function unknownKind(kind: string): FieldError {
  const known = catalogue.kinds().map((k) => k.kind);
  return { path: 'kind', message: `unknown job kind "${kind}"; known kinds are ${known.join(', ')}` };
}

/** What is wrong with a payload, as of the request that holds it. */
export const asFault = ({ path, message }: ContractViolation): FieldError => ({
  path: path === '' ? 'payload' : `payload.${path}`,
  message,
});

function optionFault(definition: KindDefinition, { options }: JobRequest): FieldError | undefined {
  const fault = options?.unique && uniqueFault(definition, options.unique);
  return fault && { ...fault, path: `options.unique.${fault.path}` };
}

function timeFault({ run_at: runAt, delay_seconds: delay }: JobRequest): FieldError | undefined {
  if (runAt === undefined || delay === undefined) return undefined;
  return { path: 'delay_seconds', message: 'give either run_at or delay_seconds' };
}

/** Everything between a valid request body and a committed job. */
@Injectable()
export class JobSubmission {
  constructor(
    private readonly engine: LedgerEngine,
    private readonly outbox: OutboxLimit,
  ) {}

  /** Checks the request against the contract. */
  prepare(request: JobRequest, { tenantId, traceparent, receivedAt }: SubmissionOrigin): Prepared {
    const { kind, payload, delay_seconds: delay } = request;
    const runAt = delay === undefined ? request.run_at : new Date(Date.now() + delay * 1000);
    const definition = catalogue.kind(kind);
    if (!definition) return { ok: false, errors: [unknownKind(kind)] };
    const encoded = encodeJsonPayload(definition.requestType, payload);
    if (!encoded.ok) {
      return {
        ok: false,
        errors: encoded.violations.map(asFault),
      };
    }
    if (encoded.bytes.length > maxPayloadBytes) {
      const message = `is ${encoded.bytes.length} bytes; at most ${maxPayloadBytes} are carried, larger data goes by reference`;
      return { ok: false, errors: [{ path: 'payload', message }] };
    }
    const reserved = reservedFields(tenantId, definition.requestType, encoded.bytes);
    if (reserved.length > 0) return { ok: false, errors: reserved.map(asFault) };
    const misfit = optionFault(definition, request) ?? timeFault(request);
    if (misfit) return { ok: false, errors: [misfit] };
    const overrides = jobOverrides(request);
    const origin = { tenantId, traceparent: traceparent || newTraceparent(), runAt, receivedAt, overrides };
    const job = jobOfKind(definition, encoded.bytes, origin);
    return { ok: true, job: delay === undefined ? job : { ...job, delayMs: delay * 1000 } };
  }

  /** One job or a problem. For the gateway's own routes as well: they pass the JSON form of the request message. */
  async submit(
    request: JobRequest,
    origin: SubmissionOrigin,
    idempotency?: { route: string; key: string },
  ): Promise<Accepted> {
    return withSpan(spanNames.jobAccept, { parent: origin.traceparent }, async (span) => {
      const prepared = this.prepare(request, { ...origin, traceparent: span.traceparent || origin.traceparent });
      if (!prepared.ok) {
        const names = prepared.errors.map((e) => e.path).join(', ');
        throw new Problem('invalid_request', `The job is not valid: ${names}`, { errors: prepared.errors });
      }
      return this.accept(origin.tenantId, [prepared.job], idempotency);
    });
  }

  /** Stores the jobs together or not at all. */
  async accept(tenantId: string, jobs: NewJob[], idempotency?: { route: string; key: string }): Promise<Accepted> {
    this.outbox.assertRoom();
    try {
      return await this.engine.acceptance.submit({
        tenantId,
        jobs,
        idempotency: idempotency && { ...idempotency, bodyHash: bodyHash(jobs) },
      } satisfies { tenantId: string; jobs: NewJob[]; idempotency: IdempotencyKey | undefined });
    } catch (error) {
      if (error instanceof UniqueConflict) throw new Problem('conflict', error.message);
      if (error instanceof IdempotencyConflict) throw new Problem('idempotency_conflict', error.message);
      throw error;
    }
  }
}

/**
 * Same jobs, same hash, however the JSON was written: the encoded messages are canonical.
 * @param shape what the request says beside its jobs
 */
export function bodyHash(jobs: readonly RequestedJob[], shape?: unknown): Buffer {
  const hash = createHash('sha256');
  if (shape !== undefined) hash.update(JSON.stringify(shape));
  for (const { kind, payload, runAt, delayMs, timeoutMs, priority, retry, unique } of jobs) {
    // The same delay is another time whenever it is asked for again.
    const time = delayMs === undefined ? runAt?.getTime() : `+${delayMs}`;
    const own = unique?.override ? [unique.override] : [];
    const header = [kind, time, timeoutMs, priority, retry, payload.length, ...own];
    hash.update(JSON.stringify(header)).update(payload);
  }
  return hash.digest();
}
