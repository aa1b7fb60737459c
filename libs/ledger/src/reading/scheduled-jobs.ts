import type { DataSource } from 'typeorm';
import { JobEntity } from '../storage/index.js';
import { isJobId } from '../records/index.js';

export interface ScheduledFilter {
  kind?: string;
  queue?: string;
}

export interface ScheduledPage {
  jobs: JobEntity[];
  /** Pass as `after` for the next page; undefined on the last one. */
  next: string | undefined;
}

/** What runs next: a tenant's jobs with a time (scheduled or waiting for another try), earliest first. */
export async function readScheduled(
  dataSource: DataSource,
  tenantId: string,
  states: readonly ('scheduled' | 'retrying')[],
  { kind, queue }: ScheduledFilter,
  after: string | undefined,
  limit: number,
): Promise<ScheduledPage> {
  const query = dataSource
    .getRepository(JobEntity)
    .createQueryBuilder('j')
    .where('j.tenantId = :tenantId', { tenantId })
    .andWhere('j.state in (:...states)', { states })
    .orderBy('j.runAt')
    .addOrderBy('j.id')
    .limit(limit + 1);
  const [, runAt, id] = /^(.+)_(.+)$/.exec(after ?? '') ?? [];
  if (runAt && id) query.andWhere('(j.runAt, j.id) > (:runAt::timestamptz, :id::uuid)', { runAt, id });
  if (kind) query.andWhere('j.kind = :kind', { kind });
  if (queue) query.andWhere('j.queue = :queue', { queue });
  // The cursor is exact: the database keeps microseconds, a Date does not.
  const { entities, raw } = await query
    .addSelect('j.run_at::text', 'run_at_text')
    .getRawAndEntities<{ run_at_text: string }>();
  const last = entities.length > limit ? entities[limit - 1] : undefined;
  return { jobs: entities.slice(0, limit), next: last && `${raw[limit - 1]?.run_at_text}_${last.id}` };
}

export function isScheduledCursor(cursor: string): boolean {
  const [, runAt = '', id = ''] = /^(.+)_(.+)$/.exec(cursor) ?? [];
  return isJobId(id) && !Number.isNaN(Date.parse(runAt));
}
