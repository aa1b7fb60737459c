import { Injectable } from '@nestjs/common';
import {
  BatchClosed,
  IdempotencyConflict,
  InvalidGraph,
  UniqueConflict,
  type CallbackName,
  type IdempotencyKey,
  type NewBatch,
  type NewJob,
} from '@roundhouse/ledger';
import { bodyHash, type JobRequest, JobSubmission, OutboxLimit, type SubmissionOrigin } from '../submission/index.js';
import { type FieldError, Problem } from '../http/index.js';

const callbackNames: readonly CallbackName[] = ['on_success', 'on_death', 'on_complete'];

type CallbackRequests = Partial<Record<CallbackName, Pick<JobRequest, 'kind' | 'payload'>>>;

/** Jobs of one request, checked against the contract: all of them, or a problem that names every field at fault. */
@Injectable()
export class BatchSubmission {
  constructor(
    private readonly submission: JobSubmission,
    private readonly outbox: OutboxLimit,
  ) {}

  /** @param where what stands before the path of a field at fault, for the job at an index */
  jobs(
    requests: readonly JobRequest[],
    origin: SubmissionOrigin,
    where: (i: number) => string = (i) => `jobs[${i}].`,
  ): NewJob[] {
    const errors: FieldError[] = [];
    const jobs = requests.flatMap((request, i) => {
      const prepared = this.submission.prepare(request, origin);
      if (prepared.ok) return [prepared.job];
      errors.push(...prepared.errors.map(({ path, message }) => ({ path: `${where(i)}${path}`, message })));
      return [];
    });
    assertNone(errors);
    return jobs;
  }

  callbacks(requests: CallbackRequests, origin: SubmissionOrigin): NewBatch['callbacks'] {
    const callbacks: NewBatch['callbacks'] = {};
    const errors: FieldError[] = [];
    for (const name of callbackNames) {
      const request = requests[name];
      const prepared = request && this.submission.prepare(request, origin);
      if (prepared?.ok) callbacks[name] = { kind: prepared.job.kind, payload: prepared.job.payload };
      else if (prepared) errors.push(...prepared.errors.map((e) => ({ ...e, path: `${name}.${e.path}` })));
    }
    assertNone(errors);
    return callbacks;
  }

  /** Runs what stores the request; refusals of the ledger become problems. */
  async store<T>(work: () => Promise<T>): Promise<T> {
    this.outbox.assertRoom();
    try {
      return await work();
    } catch (error) {
      if (error instanceof BatchClosed || error instanceof UniqueConflict) throw new Problem('conflict', error.message);
      if (error instanceof IdempotencyConflict) throw new Problem('idempotency_conflict', error.message);
      if (error instanceof InvalidGraph)
        throw new Problem('invalid_request', error.message, { errors: [...error.faults] });
      throw error;
    }
  }
}

function assertNone(errors: FieldError[]): void {
  if (errors.length === 0) return;
  const detail = `${errors.length} errors in the jobs; nothing was stored`;
  throw new Problem('invalid_request', detail, { errors: errors.slice(0, 100) });
}

/** `shape`: what the request says beside its jobs. */
export function idempotencyFor(
  key: { route: string; key: string } | undefined,
  jobs: NewJob[],
  shape: unknown,
): IdempotencyKey | undefined {
  return key && { ...key, bodyHash: bodyHash(jobs, shape) };
}
