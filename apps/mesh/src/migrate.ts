import { createMeshDataSource } from '@roundhouse/mesh';
import { migrationCommand } from '@roundhouse/service';

await migrationCommand((url) =>
  createMeshDataSource(url, { applicationName: 'roundhouse-migrate', maxConnections: 1 }),
);
