import { ledgerDataSource } from '@roundhouse/ledger';
import { migrationCommand } from '@roundhouse/service';

await migrationCommand((url) => ledgerDataSource({ url, poolSize: 1, applicationName: 'roundhouse-migrate' }));
