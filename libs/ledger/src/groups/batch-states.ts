import type { JobState } from '@roundhouse/jobs';
import type { DataSource } from 'typeorm';

/** Reads states of batches' jobs for those who keep something of their own about them; across tenants. */
export class BatchStates {
  constructor(private readonly dataSource: DataSource) {}

  /** The state of each batch's first job, by batch. */
  async firstJobs(batchIds: readonly string[]): Promise<Map<string, JobState>> {
    const rows = await this.dataSource.query<{ id: string; state: JobState }[]>(
      `select b.id, j.state from unnest($1::uuid[]) as b (id)
        cross join lateral (select state from ledger.jobs where batch_id = b.id order by id limit 1) j`,
      [batchIds],
    );
    return new Map(rows.map(({ id, state }) => [id, state]));
  }
}
