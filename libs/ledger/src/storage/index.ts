/**
 * The database itself: the connection, the migrations and entities of schema `ledger`, transactions that are repeated after a
 * deadlock, prepared statements, and arrays as parameters. Knows the tables, but nothing of what a job may do.
 */
export { BatchParameters } from './batch-parameters.js';
export { JobEntity, type StoredError } from './entities/job.entity.js';
export {
  inTransaction,
  isTransientDatabaseError,
  ledgerDataSource,
  ledgerEntities,
  ledgerMigrations,
} from './ledger-database.js';
export { queryPrepared } from './prepared.js';
export { storable, textFault } from './storable-text.js';
