import { MicroBatch } from '@roundhouse/jobs';
import { count } from '@roundhouse/telemetry';
import type { DataSource } from 'typeorm';
import { inTransaction } from '../storage/index.js';
import { acceptAll } from './accept-all.js';
import type { RulesOf } from '../records/index.js';
import type { Accepted, Submission } from './submission.js';

/**
 * Takes jobs into the ledger. Submissions that arrive at about the same time share one transaction, so that its commit
 * (an fsync) is paid once for all of them. Resolves after the commit.
 */
export class Acceptance {
  private readonly batch: MicroBatch<Submission, Accepted>;

  constructor(
    private readonly dataSource: DataSource,
    private readonly rulesOf: RulesOf,
    private readonly onDispatch: () => void,
  ) {
    this.batch = new MicroBatch((submissions) => this.store(submissions), {
      maxItems: 1_000,
      weigh: ({ jobs }) => jobs.length,
      maxConcurrent: 2,
      lingerMs: 1,
    });
  }

  submit(submission: Submission): Promise<Accepted> {
    return this.batch.add(submission);
  }

  async drained(): Promise<void> {
    await this.batch.drained();
  }

  private async store(submissions: Submission[]): Promise<(Accepted | Error)[]> {
    const answers = await inTransaction(this.dataSource, (tx) => acceptAll(tx, submissions, this.rulesOf));
    let dispatches = false;
    answers.forEach((answer, i) => {
      if (answer instanceof Error || answer.repeated) return;
      for (const { tenantId: tenant, kind, queue } of submissions[i]?.jobs ?? [])
        count('jobsAccepted', { tenant, kind, queue });
      // One that was there before may start earlier than it would have.
      if (answer.jobIds.length > 0) dispatches = true;
    });
    if (dispatches) this.onDispatch();
    return answers;
  }
}
