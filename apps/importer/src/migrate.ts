import { migrationCommand } from '@roundhouse/service';
import { createTradingDataSource } from '@roundhouse/trading';

await migrationCommand((url) =>
  createTradingDataSource(url, { applicationName: 'roundhouse-migrate', maxConnections: 1 }),
);
