import type { Transaction } from '@roundhouse/jobs';
import { changedRows } from './changed-rows.js';

export type EngineTaskStatus = 'queued' | 'running' | 'succeeded' | 'failed' | 'cancelled';

/** What an external engine has been asked to do for a job, and what it has told of it. */
export interface EngineTask {
  taskId: string;
  /** 1, and one more for every task made after one that failed. */
  round: number;
  status: EngineTaskStatus;
  /** 0 … 100 */
  progress: number;
  resultUrl: string;
  message: string;
  createdAt: Date;
}

export interface EngineTaskNews {
  taskId: string;
  /** Ascends with every piece of news. */
  sequence: number;
  status: EngineTaskStatus;
  progress: number;
  resultUrl: string;
  message: string;
}

/** Tasks of external engines, one for each job. They outlive attempts: whoever runs the job next goes on with its task. */
export class EngineTaskStore {
  constructor(private readonly database: Transaction) {}

  async find(jobId: string): Promise<(EngineTask & { tenantId: string }) | undefined> {
    const [task] = await this.database.query<(EngineTask & { tenantId: string })[]>(
      `select task_id as "taskId", round, status, progress, result_url as "resultUrl", message, created_at as "createdAt",
              tenant_id as "tenantId" from mesh.engine_tasks where job_id = $1`,
      [jobId],
    );
    return task;
  }

  /** Notes a task that was made; a later round takes the place of the one before. */
  async put(tenantId: string, jobId: string, taskId: string, round: number): Promise<void> {
    await this.database.query(
      `insert into mesh.engine_tasks (job_id, tenant_id, task_id, round) values ($1, $2, $3, $4)
       on conflict (job_id) do update set task_id = excluded.task_id, round = excluded.round, status = 'queued', sequence = 0,
         progress = 0, result_url = '', message = '', created_at = now()
       where engine_tasks.round < excluded.round`,
      [jobId, tenantId, taskId, round],
    );
  }

  /** News in whatever order and however often: only newer news of the very task count, and none after its end. */
  async apply(tenantId: string, jobId: string, news: EngineTaskNews): Promise<boolean> {
    const changed = await changedRows(
      this.database,
      `update mesh.engine_tasks set status = $4, sequence = $5, progress = greatest(progress, $6), result_url = $7, message = $8
        where job_id = $1 and tenant_id = $2 and task_id = $3 and sequence < $5 and status in ('queued', 'running') returning job_id`,
      [jobId, tenantId, news.taskId, news.status, news.sequence, news.progress, news.resultUrl, news.message],
    );
    return changed.length > 0;
  }

  async forget(jobId: string): Promise<void> {
    await this.database.query(`delete from mesh.engine_tasks where job_id = $1`, [jobId]);
  }
}
