export { EX_CONFIG, runService } from './bootstrap.js';
export {
  amqpFields,
  databaseFields,
  jobRuleFields,
  processFields,
  processSchema,
  workerFields,
  type ProcessConfig,
} from './config-fields.js';
export { ConfigError, loadConfig, variableName, type ConfigProblem } from './config.js';
export { cpuProfile, DiagnosticsRefused, heapSnapshot, type Diagnosis } from './diagnostics.js';
export { migrationCommand } from './migration-command.js';
export { HealthChecks, type CheckResult, type Readiness, type ReadinessCheck } from './health-checks.js';
export { startHealthServer, type HealthServer, type HealthServerOptions } from './health-server.js';
export { isAway } from './is-away.js';
export { watchProcess } from './process-metrics.js';
export { type Reach } from './reach.js';
export { type RunningService, type Service, type ServiceContext } from './service.js';
export {
  base64Key,
  base64Keys,
  bool,
  decimal,
  durationMs,
  integer,
  list,
  oneOf,
  port,
  secret,
  text,
  url,
} from './variable-types.js';
