import type { Transaction } from '@roundhouse/jobs';
import { changedRows } from './changed-rows.js';

export type EngineTaskStatus = 'queued' | 'running' | 'succeeded' | 'failed' | 'cancelled';

/** What an external engine has been asked to do for a job, and what it has told of it. */
export interface EngineTask {
  /** Null: the engine was not asked for it yet, or did not answer. */
  taskId: string | null;
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

/** A task that may still be worked on, as far as is known here. */
export interface OpenEngineTask {
  jobId: string;
  tenantId: string;
  taskId: string;
}

/** How a task has ended. */
export interface EngineTaskEnd {
  status: 'succeeded' | 'failed' | 'cancelled';
  resultUrl?: string;
  message?: string;
}

/**
 * Tasks of external engines, one for each job. They outlive attempts: whoever runs the job next goes on with its task; and jobs:
 * callbacks may come late. The daily upkeep removes them.
 */
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

  /** A task is about to be made; a later round takes the place of the one before. */
  async expect(tenantId: string, jobId: string, round: number): Promise<void> {
    await this.database.query(
      `insert into mesh.engine_tasks (job_id, tenant_id, round) values ($1, $2, $3)
       on conflict (job_id) do update set task_id = null, round = excluded.round, ${unheard}, created_at = now()
       where engine_tasks.round < excluded.round`,
      [jobId, tenantId, round],
    );
  }

  /** The task of the round was made. What it has told already stays; what another one has told in its place does not. */
  async made(jobId: string, round: number, taskId: string): Promise<EngineTask> {
    await this.database.query(
      `update mesh.engine_tasks set task_id = $3, ${unheard} where job_id = $1 and round = $2 and task_id is distinct from $3`,
      [jobId, round, taskId],
    );
    const task = await this.find(jobId);
    if (!task) throw new Error(`Task ${taskId} of job ${jobId} was made without being expected`);
    return task;
  }

  /**
   * News in whatever order and however often: only newer news of the very task count, and none after its end. News of a task that
   * is expected and not known by name yet count as its own.
   */
  async apply(tenantId: string, jobId: string, news: EngineTaskNews): Promise<boolean> {
    const changed = await changedRows(
      this.database,
      `update mesh.engine_tasks
          set task_id = $3, status = $4, sequence = $5, progress = greatest(progress, $6), result_url = $7, message = $8
        where job_id = $1 and tenant_id = $2 and coalesce(task_id, $3) = $3 and sequence < $5 and status in ('queued', 'running')
        returning job_id`,
      [jobId, tenantId, news.taskId, news.status, news.sequence, news.progress, news.resultUrl, news.message],
    );
    return changed.length > 0;
  }

  /** It is over, whatever it may tell from now on. Unless it has succeeded, the next attempt makes another one. */
  async close(jobId: string, taskId: string, { status, resultUrl = '', message = '' }: EngineTaskEnd): Promise<void> {
    await this.database.query(
      `update mesh.engine_tasks set status = $3, result_url = $4, message = $5 where job_id = $1 and task_id = $2`,
      [jobId, taskId, status, resultUrl, message],
    );
  }

  /** Those that are known by name and not over, in the order of their jobs, after job `after`. Across tenants. */
  async open(after: string | undefined, limit: number): Promise<OpenEngineTask[]> {
    return this.database.query<OpenEngineTask[]>(
      `select job_id as "jobId", tenant_id as "tenantId", task_id as "taskId" from mesh.engine_tasks
        where task_id is not null and status in ('queued', 'running') and ($1::uuid is null or job_id > $1)
        order by job_id limit $2`,
      [after ?? null, limit],
    );
  }
}

const unheard = `status = 'queued', sequence = 0, progress = 0, result_url = '', message = ''`;
