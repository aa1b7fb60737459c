import 'reflect-metadata';
import { migrationCommand } from '@roundhouse/service';
import { probeDataSource } from './probe-database.js';

await migrationCommand(probeDataSource);
