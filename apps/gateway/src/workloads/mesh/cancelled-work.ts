import { cancelledAmong } from '@roundhouse/ledger';
import type { DataSource } from 'typeorm';

const atOnce = 500;

/**
 * Goes through work that is not over, in the order of its jobs, and gives those pieces whose job is cancelled.
 * @param page the next `limit` pieces after job `after`
 */
export async function* cancelledWork<T extends { jobId: string }>(
  database: DataSource,
  page: (after: string | undefined, limit: number) => Promise<T[]>,
): AsyncGenerator<T[]> {
  for (let after: string | undefined; ;) {
    const work = await page(after, atOnce);
    const cancelled = new Set(
      await cancelledAmong(
        database,
        work.map(({ jobId }) => jobId),
      ),
    );
    if (cancelled.size > 0) yield work.filter(({ jobId }) => cancelled.has(jobId));
    if (work.length < atOnce) return;
    after = work.at(-1)!.jobId;
  }
}
