import { gauge } from '@roundhouse/telemetry';
import type { DataSource } from 'typeorm';

/** Gauges of the outbox, read when metrics are scraped. */
export function observeOutbox(dataSource: DataSource): void {
  const read = async (sql: string) => (await dataSource.query<{ value: number }[]>(sql))[0]?.value;
  gauge('outboxSize', () => read(`select count(*)::float8 as value from ledger.outbox`));
  gauge('outboxAge', () =>
    read(
      `select coalesce(extract(epoch from clock_timestamp() - min(created_at)), 0)::float8 as value from ledger.outbox`,
    ),
  );
}
