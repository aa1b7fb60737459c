import type { JobState } from '@roundhouse/jobs';
import type { DataSource } from 'typeorm';
import type { CallbackName, DependencyCondition, DependencyOtherwise } from '../transitions/index.js';

/** A batch or workflow and how far it is. */
export interface BatchView {
  id: string;
  name: string;
  sealed: boolean;
  total: number;
  succeeded: number;
  dead: number;
  cancelled: number;
  running: number;
  created_at: Date;
  cancel_requested_at: Date | null;
  finished_at: Date | null;
  /** Kinds of its callbacks, by callback. */
  callbacks: Partial<Record<CallbackName, string>>;
  /** Jobs that its callbacks have created. */
  callback_jobs: Partial<Record<CallbackName, string>>;
  now: Date;
}

export interface BatchPage {
  batches: BatchView[];
  next: string | undefined;
}

export interface WorkflowNode {
  id: string;
  ref: string;
  kind: string;
  state: JobState;
  attempt: number;
  progress: number | null;
  error: { code: string; message: string } | null;
  started_at: Date | null;
  finished_at: Date | null;
  depends_on: {
    ref: string;
    job_id: string;
    condition: DependencyCondition;
    otherwise: DependencyOtherwise;
    met: boolean;
  }[];
}

export interface WorkflowView extends BatchView {
  jobs: WorkflowNode[];
}

const columns = `b.id, b.name, b.sealed, b.total, b.succeeded, b.dead, b.cancelled, b.created_at, b.cancel_requested_at,
  b.finished_at, b.callback_jobs, clock_timestamp() as now,
  jsonb_strip_nulls(jsonb_build_object('on_success', b.on_success->>'kind', 'on_death', b.on_death->>'kind', 'on_complete', b.on_complete->>'kind')) as callbacks,
  case when b.finished_at is null
       then (select count(*)::integer from ledger.jobs j where j.batch_id = b.id and j.state = 'running') else 0 end as running`;

/** Reads batches and workflows for people. Every query is bounded to one tenant. */
export class BatchReader {
  constructor(private readonly dataSource: DataSource) {}

  async get(tenantId: string, id: string, isWorkflow: boolean): Promise<BatchView | undefined> {
    const [row] = await this.dataSource.query<BatchView[]>(
      `select ${columns} from ledger.batches b where b.id = $1 and b.tenant_id = $2 and b.is_workflow = $3`,
      [id, tenantId, isWorkflow],
    );
    return row;
  }

  /** Newest first; `before` is the id of the last one of the page before. */
  async list(tenantId: string, isWorkflow: boolean, before: string | undefined, limit: number): Promise<BatchPage> {
    const rows = await this.dataSource.query<BatchView[]>(
      `select ${columns} from ledger.batches b
       where b.tenant_id = $1 and b.is_workflow = $2 and ($3::uuid is null or b.id < $3) order by b.id desc limit $4`,
      [tenantId, isWorkflow, before ?? null, limit + 1],
    );
    const batches = rows.slice(0, limit);
    return { batches, next: rows.length > limit ? batches.at(-1)?.id : undefined };
  }

  /** The whole graph, in an order in which every job comes after those it depends on. */
  async workflow(tenantId: string, id: string): Promise<WorkflowView | undefined> {
    const batch = await this.get(tenantId, id, true);
    if (!batch) return undefined;
    const jobs = await this.dataSource.query<WorkflowNode[]>(
      `select j.id, j.workflow_ref as ref, j.kind, j.state, j.attempt, j.progress, j.started_at, j.finished_at,
              case when j.error is not null then jsonb_build_object('code', j.error->>'code', 'message', j.error->>'message') end as error,
              coalesce((select jsonb_agg(jsonb_build_object('ref', d.ref, 'job_id', d.depends_on, 'condition', d.condition,
                                                            'otherwise', d.otherwise, 'met', d.met) order by d.depends_on)
                        from ledger.dependencies d where d.job_id = j.id), '[]') as depends_on
       from ledger.jobs j where j.batch_id = $1 order by j.id`,
      [id],
    );
    return { ...batch, jobs };
  }
}
