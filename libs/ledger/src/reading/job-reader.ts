import type { JobState } from '@roundhouse/jobs';
import type { DataSource, SelectQueryBuilder } from 'typeorm';
import { JobEntity } from '../storage/index.js';
import { stuckCondition, stuckLimits } from '../explaining/index.js';
import { readScheduled, type ScheduledPage } from './scheduled-jobs.js';

export interface JobFilter {
  states?: JobState[];
  kind?: string;
  queue?: string;
  parentId?: string;
  fingerprint?: string;
  /** Discarded deaths as well. @default false */
  discarded?: boolean;
  batchId?: string;
  /** Running attempts that give no sign of getting further, or all but those. */
  stuck?: boolean;
  /** Newer than, older than. */
  createdAfter?: Date;
  createdBefore?: Date;
  /** Part of the code or message of the last error, in any case. */
  error?: string;
  /** No older than this job. */
  fromId?: string;
}

export interface JobPage {
  jobs: JobEntity[];
  /** Pass as `before` for the next page; undefined on the last one. */
  next: string | undefined;
}

export interface JobDetail extends JobEntity {
  followUpIds: string[];
  /** Job that this one is run again of. */
  rerunOf: string | null;
  /** Jobs that are this one run again. */
  rerunIds: string[];
}

type UpcomingFilter = Parameters<typeof readScheduled> extends [DataSource, string, ...infer Rest] ? Rest : never;

function narrow(query: SelectQueryBuilder<JobEntity>, filter: JobFilter): void {
  if (filter.states?.length) query.andWhere('j.state in (:...states)', { states: filter.states });
  if (filter.kind) query.andWhere('j.kind = :kind', { kind: filter.kind });
  if (filter.queue) query.andWhere('j.queue = :queue', { queue: filter.queue });
  if (filter.parentId) query.andWhere('j.parentId = :parentId', { parentId: filter.parentId });
  if (filter.batchId) query.andWhere('j.batch_id = :batchId', { batchId: filter.batchId });
  if (filter.stuck !== undefined) {
    const condition = stuckCondition('j', ':stuckKinds', ':stuckMs');
    const { kinds: stuckKinds, ms: stuckMs } = stuckLimits();
    query.andWhere(filter.stuck ? condition : `(${condition}) is not true`, { stuckKinds, stuckMs });
  }
  if (filter.fingerprint) query.andWhere('j.fingerprint = :fingerprint', { fingerprint: filter.fingerprint });
  if (!filter.discarded) query.andWhere('j.discardedAt is null');
  if (filter.fromId) query.andWhere('j.id >= :fromId', { fromId: filter.fromId });
  if (filter.error) {
    const part = `%${filter.error.replaceAll(/[\\%_]/g, '\\$&')}%`;
    query.andWhere(`(j.error->>'code' ilike :part or j.error->>'message' ilike :part)`, { part });
  }
  if (filter.createdAfter) query.andWhere('j.createdAt >= :after', { after: filter.createdAfter });
  if (filter.createdBefore) query.andWhere('j.createdAt < :until', { until: filter.createdBefore });
}

/** Reads jobs for people. Every query is bounded to one tenant. */
export class JobReader {
  constructor(private readonly dataSource: DataSource) {}

  async get(tenantId: string, id: string): Promise<JobDetail | undefined> {
    const job = await this.dataSource
      .getRepository(JobEntity)
      .createQueryBuilder('j')
      .addSelect(['j.payload', 'j.result'])
      .where('j.tenantId = :tenantId and j.id = :id', { tenantId, id })
      .getOne();
    if (!job) return undefined;
    const related = await this.dataSource.query<{ id: string; rel: 'follow_up' | 'rerun' | 'original' }[]>(
      `(select id, 'follow_up' as rel from ledger.jobs where parent_id = $1 and tenant_id = $2 order by id limit 1000)
       union all (select job_id, 'rerun' from ledger.job_reruns where rerun_of = $1 and tenant_id = $2 order by job_id limit 1000)
       union all select rerun_of, 'original' from ledger.job_reruns where job_id = $1 and tenant_id = $2`,
      [id, tenantId],
    );
    const idsOf = (rel: string) => related.filter((row) => row.rel === rel).map((row) => row.id);
    return Object.assign(job, {
      followUpIds: idsOf('follow_up'),
      rerunOf: idsOf('original')[0] ?? null,
      rerunIds: idsOf('rerun'),
    });
  }

  async stateOf(tenantId: string, id: string): Promise<JobState | undefined> {
    const [row] = await this.dataSource.query<{ state: JobState }[]>(
      `select state from ledger.jobs where tenant_id = $1 and id = $2`,
      [tenantId, id],
    );
    return row?.state;
  }

  /** Those of these jobs that there are, in no order. */
  async some(tenantIds: readonly string[], ids: readonly string[]): Promise<JobEntity[]> {
    if (ids.length === 0) return [];
    return this.dataSource
      .getRepository(JobEntity)
      .createQueryBuilder('j')
      .where('j.id = any(:ids::uuid[]) and j.tenantId = any(:tenantIds)', { ids, tenantIds })
      .getMany();
  }

  /** Newest first; `before` is the id of the last job of the page before. With `payloads` they are read as well. */
  async list(
    tenantId: string,
    filter: JobFilter,
    before: string | undefined,
    limit: number,
    { payloads = false } = {},
  ): Promise<JobPage> {
    const query = this.dataSource
      .getRepository(JobEntity)
      .createQueryBuilder('j')
      .addSelect(payloads ? ['j.payload'] : [])
      .where('j.tenantId = :tenantId', { tenantId })
      .orderBy('j.id', 'DESC')
      .limit(limit + 1);
    if (before) query.andWhere('j.id < :before', { before });
    narrow(query, filter);
    const jobs = await query.getMany();
    const page = jobs.slice(0, limit);
    return { jobs: page, next: jobs.length > limit ? page.at(-1)?.id : undefined };
  }

  /** Of those that the filter lets through, counted up to `cap`. */
  async count(tenantId: string, filter: JobFilter, cap: number): Promise<number> {
    const query = this.dataSource
      .getRepository(JobEntity)
      .createQueryBuilder('j')
      .select('1')
      .where('j.tenantId = :tenantId', { tenantId })
      .limit(cap);
    narrow(query, filter);
    const [text, parameters] = query.getQueryAndParameters();
    const [row] = await this.dataSource.query<{ count: number }[]>(
      `select count(*)::integer as count from (${text}) as found`,
      parameters,
    );
    return row?.count ?? 0;
  }

  /** What runs next, earliest first. */
  async upcoming(tenantId: string, ...filter: UpcomingFilter): Promise<ScheduledPage> {
    return readScheduled(this.dataSource, tenantId, ...filter);
  }

  /** Number of jobs per state; the audit's left-hand side. */
  async countByState(tenantId: string): Promise<Partial<Record<JobState, number>>> {
    const rows = await this.dataSource.query<{ state: JobState; count: number }[]>(
      `select state, count(*)::integer as count from ledger.jobs where tenant_id = $1 group by state`,
      [tenantId],
    );
    return Object.fromEntries(rows.map(({ state, count }) => [state, count]));
  }
}
