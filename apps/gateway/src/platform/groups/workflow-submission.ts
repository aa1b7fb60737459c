import { Injectable } from '@nestjs/common';
import type { CreatedBatch } from '@roundhouse/ledger';
import type { z } from 'zod';
import { BatchSubmission, idempotencyFor } from './batch-submission.js';
import { LedgerEngine } from '../engine/index.js';
import type { JobRequest, SubmissionOrigin } from '../submission/index.js';
import type { workflowRequestSchema } from './workflow-requests.js';

type Key = { route: string; key: string } | undefined;

/** Workflows as clients ask for them, and chains, which are workflows in a row. */
@Injectable()
export class WorkflowSubmission {
  constructor(
    private readonly submission: BatchSubmission,
    private readonly engine: LedgerEngine,
  ) {}

  async submit(
    request: z.output<typeof workflowRequestSchema>,
    origin: SubmissionOrigin,
    key: Key,
  ): Promise<CreatedBatch> {
    const { name, jobs } = request;
    const { tenantId, traceparent = '' } = origin;
    const newJobs = this.submission.jobs(jobs, origin);
    const callbacks = this.submission.callbacks(request, origin);
    const shape = [name, jobs.map(({ ref, depends_on: on }) => [ref, on]), callbackShape(request)];
    return this.submission.store(() =>
      this.engine.workflows.create({
        tenantId,
        name,
        callbacks,
        traceparent,
        idempotency: idempotencyFor(key, newJobs, shape),
        jobs: newJobs.map((job, i) => ({ ref: jobs[i]?.ref ?? '', job, dependsOn: jobs[i]?.depends_on ?? [] })),
      }),
    );
  }

  /** Each job once the one before has succeeded; it finds that one's result under the name of its place, from "1". */
  async chain(requests: readonly JobRequest[], origin: SubmissionOrigin, key: Key): Promise<CreatedBatch> {
    const { tenantId, traceparent = '' } = origin;
    const jobs = this.submission.jobs(requests, origin, (i) => (i === 0 ? '' : `then[${i - 1}].`));
    return this.submission.store(() =>
      this.engine.workflows.create({
        tenantId,
        name: requests
          .map(({ kind }) => kind)
          .join(' → ')
          .slice(0, 200),
        callbacks: {},
        traceparent,
        idempotency: idempotencyFor(key, jobs, 'chain'),
        jobs: jobs.map((job, i) => ({
          ref: String(i + 1),
          job,
          dependsOn: i === 0 ? [] : [{ ref: String(i), condition: 'succeeded', otherwise: 'cancel' }],
        })),
      }),
    );
  }
}

const callbackShape = (request: z.output<typeof workflowRequestSchema>): unknown => [
  request.on_success,
  request.on_death,
  request.on_complete,
];
