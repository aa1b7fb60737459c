import { migrationCommand } from '@roundhouse/service';
import { createSpreadsheetsDataSource } from '@roundhouse/spreadsheets';
import { createTradingDataSource } from '@roundhouse/trading';

const options = { applicationName: 'roundhouse-migrate', maxConnections: 1 };

await migrationCommand(
  (url) => createTradingDataSource(url, options),
  (url) => createSpreadsheetsDataSource(url, options),
);
