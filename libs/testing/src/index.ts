export { createTestBroker, type TestBroker } from './broker.js';
export { createTestDatabase, type TestDatabase, type TestDatabaseOptions } from './database.js';
export {
  startLocalProvider,
  type LocalProvider,
  type ProviderAnswer,
  type ProviderHandler,
  type ProviderRequest,
} from './local-provider.js';
export { createMigratedDatabase, type MigratedDatabase } from './migrated-database.js';
export { migratedSource } from './migrated-source.js';
export { drawTree, OtlpReceiver, type SpanTree } from './otlp-receiver.js';
export type { ReceivedSpan } from './received-span.js';
export { HandlerFailed, performJob, type JobTraces, type PerformedJob, type PerformOptions } from './perform-job.js';
export { ServiceProcess, type Exit, type ServiceProcessOptions } from './service-process.js';
export { TcpProxy, type Target } from './tcp-proxy.js';
export { keysOf, testKeys } from './test-keys.js';
export { testEnvironment } from './test-environment.js';
export { startTestS3, type TestS3 } from './test-s3.js';
export { typescriptThreadArguments } from './typescript-thread.js';
export { waitFor, type WaitOptions } from './wait-for.js';
export { collect } from './collect.js';
