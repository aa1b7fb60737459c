import { DataSource } from 'typeorm';
import { BarEntity } from './entities/bar.entity.js';
import { BarRangeEntity } from './entities/bar-range.entity.js';
import { ConnectionEntity } from './entities/connection.entity.js';
import { DigestEntity } from './entities/digest.entity.js';
import { FillEntity } from './entities/fill.entity.js';
import { FindingEntity } from './entities/finding.entity.js';
import { ImportEntity } from './entities/import.entity.js';
import { ImportRowErrorEntity } from './entities/import-row-error.entity.js';
import { ProfileEntity } from './entities/profile.entity.js';
import { RoundTripEntity } from './entities/round-trip.entity.js';
import { SimulationEntity } from './entities/simulation.entity.js';
import { TagEntity } from './entities/tag.entity.js';
import { UploadEntity } from './entities/upload.entity.js';
import { tradingMigrations } from './migrations/index.js';

export const tradingEntities = [
  BarEntity,
  BarRangeEntity,
  ConnectionEntity,
  DigestEntity,
  FillEntity,
  FindingEntity,
  ImportEntity,
  ImportRowErrorEntity,
  ProfileEntity,
  RoundTripEntity,
  SimulationEntity,
  TagEntity,
  UploadEntity,
];

export interface TradingDatabaseOptions {
  /** Shown in pg_stat_activity. @default 'roundhouse-trading' */
  applicationName?: string;
  /** @default 10 */
  maxConnections?: number;
}

/** The schema `trading`. Not connected yet: call `initialize()`, and `destroy()` at the end. */
export function createTradingDataSource(url: string, options: TradingDatabaseOptions = {}): DataSource {
  return new DataSource({
    type: 'postgres',
    url,
    applicationName: options.applicationName ?? 'roundhouse-trading',
    entities: tradingEntities,
    migrations: tradingMigrations,
    // In the default schema: it has to be there before `trading` is.
    migrationsTableName: 'trading_migrations',
    extra: { max: options.maxConnections ?? 10 },
  });
}

/** Brings the schema up to date. The URL's role owns it; the run-time roles only use it. */
export async function migrateTrading(url: string): Promise<void> {
  const source = await createTradingDataSource(url).initialize();
  try {
    await source.runMigrations({ transaction: 'all' });
  } finally {
    await source.destroy();
  }
}
