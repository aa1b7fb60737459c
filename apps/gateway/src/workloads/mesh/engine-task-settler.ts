import { CancelEngineTaskRequest, catalogue } from '@roundhouse/contracts';
import { jobOfKind } from '@roundhouse/ledger';
import { EngineTaskStore, type OpenEngineTask } from '@roundhouse/mesh';
import { newTraceparent } from '@roundhouse/telemetry';
import { createHash } from 'node:crypto';
import type { DataSource } from 'typeorm';
import type { LedgerEngine } from '../../platform/engine/index.js';
import { cancelledWork } from './cancelled-work.js';

/**
 * Lets external engines know of jobs that were cancelled while no worker had them, between two attempts: only the ledger knows
 * that, and only a worker knows the engine. Whoever runs a job when it is cancelled tells the engine itself. Tasks of dead jobs
 * are left: who redrives such a job goes on with its task.
 */
export class EngineTaskSettler {
  private readonly tasks: EngineTaskStore;

  constructor(
    private readonly database: DataSource,
    private readonly engine: LedgerEngine,
  ) {
    this.tasks = new EngineTaskStore(database);
  }

  async settleAll(): Promise<void> {
    const open = cancelledWork(this.database, (after, limit) => this.tasks.open(after, limit));
    for await (const tasks of open) for (const task of tasks) await this.cancel(task);
  }

  /** The job has an idempotency key: dying before the task is closed, or beside another gateway, makes no second one. */
  private async cancel({ tenantId, jobId, taskId }: OpenEngineTask): Promise<void> {
    const kind = catalogue.kind('mesh.cancel_engine_task')!;
    const payload = CancelEngineTaskRequest.encode({ jobId, taskId }).finish();
    const job = jobOfKind(kind, payload, { tenantId, traceparent: newTraceparent() });
    const key = `${jobId}:${taskId}`;
    const bodyHash = createHash('sha256').update(key).digest();
    await this.engine.acceptance.submit({
      tenantId,
      jobs: [job],
      idempotency: { route: 'mesh cancel engine task', key, bodyHash },
    });
    await this.tasks.close(jobId, taskId, { status: 'cancelled' });
  }
}
