import type { DataSource } from 'typeorm';
import type { JobEntity } from '../storage/index.js';
import type { JobFilter, JobReader } from './job-reader.js';

/** What a look at the newest jobs found. */
export interface JobLook {
  jobs: JobEntity[];
  /** Pass as `before` to look further back; undefined when there is nothing further back. */
  next: string | undefined;
  /** Jobs that were looked at, at most. */
  looked: number;
}

export interface JobCount {
  count: number;
  /** False: there may be more, older ones or beyond the cap. */
  exact: boolean;
}

/** Says whether a job belongs to the answer, by its payload. */
export type PayloadTest = (job: JobEntity) => boolean;

// What a query may look at: tens of milliseconds, however many jobs there are.
const window = 50_000;
// Payloads are read and decoded, of unknown size: few at a time, and no longer than somebody likes to wait.
const payloadPage = 200;
const payloadMs = 800;
export const countCap = 100_000;

/**
 * Lists of jobs for people. Most filters have no index, for every index is paid for by every job; so a look is bounded and
 * says how far back it went, and the next one goes on there.
 */
export class JobSearch {
  constructor(
    private readonly dataSource: DataSource,
    private readonly reader: JobReader,
  ) {}

  async look(tenantId: string, filter: JobFilter, before: string | undefined, limit: number): Promise<JobLook> {
    const fromId = await this.windowEnd(tenantId, filter, before, window);
    const page = await this.reader.list(tenantId, { ...filter, fromId }, before, limit);
    return { jobs: page.jobs, next: page.next ?? fromId, looked: window };
  }

  /** Those among the newest whose payload passes the test. */
  async lookIntoPayloads(
    tenantId: string,
    filter: JobFilter,
    test: PayloadTest,
    before: string | undefined,
    limit: number,
  ): Promise<JobLook> {
    const fromId = await this.windowEnd(tenantId, filter, before, window);
    const found: JobEntity[] = [];
    const until = Date.now() + payloadMs;
    let cursor = before;
    let looked = 0;
    do {
      const page = await this.reader.list(tenantId, { ...filter, fromId }, cursor, payloadPage, { payloads: true });
      looked += page.jobs.length;
      found.push(...page.jobs.filter(test));
      if (found.length > limit) return { jobs: found.slice(0, limit), next: found[limit - 1]?.id, looked };
      if (!page.next) return { jobs: found, next: fromId, looked };
      cursor = page.next;
    } while (Date.now() < until);
    return { jobs: found, next: cursor, looked };
  }

  /** Counts no further than `countCap`, and no further back than it looks. */
  async count(tenantId: string, filter: JobFilter): Promise<JobCount> {
    const fromId = await this.windowEnd(tenantId, filter, undefined, countCap);
    const count = await this.reader.count(tenantId, { ...filter, fromId }, countCap);
    return { count, exact: fromId === undefined && count < countCap };
  }

  /** The last job of the window; undefined when all jobs are in it. Dead jobs have an index of their own. */
  private async windowEnd(
    tenantId: string,
    { states }: JobFilter,
    before: string | undefined,
    size: number,
  ): Promise<string | undefined> {
    const onlyDead = states?.length === 1 && states[0] === 'dead';
    const [row] = await this.dataSource.query<{ id: string }[]>(
      `select id from ledger.jobs where tenant_id = $1 and ($2::uuid is null or id < $2::uuid) ${onlyDead ? `and state = 'dead'` : ''}
       order by id desc offset $3 limit 1`,
      [tenantId, before ?? null, size - 1],
    );
    return row?.id;
  }
}
