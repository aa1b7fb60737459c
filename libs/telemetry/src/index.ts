export type { Context } from '@opentelemetry/api';
export { CardinalityGuard, DEFAULT_LABEL_LIMITS } from './cardinality.js';
export { startServerSpan, type ServerSpan } from './http-span.js';
export { logLine, logLines, type LogEvent, type LogTarget } from './log-lines.js';
export {
  createLogger,
  logLevels,
  setLogLevel,
  type JobLogFields,
  type Logger,
  type LoggerOptions,
  type LogLevel,
} from './logger.js';
export {
  metricTable,
  type CounterName,
  type GaugeName,
  type HistogramName,
  type LabelsOf,
  type MetricDefinition,
  type MetricLabel,
  type MetricName,
} from './metric-names.js';
export {
  count,
  gauge,
  measure,
  METRICS_CONTENT_TYPE,
  renderMetrics,
  startMetrics,
  stopMetrics,
  type GaugeReader,
  type Reading,
} from './metrics.js';
export { NestLogger } from './nest-logger.js';
export { extract, inject } from './propagation.js';
export { redact, redactFields, redactText } from './redaction.js';
export { jobAttributes, messageAttributes, spanAttributes, spanNames, type JobFacts } from './span-names.js';
export { OpenSpan, recordSpan, startSpan, withSpan, type Parent, type RecordedSpan, type SpanOptions } from './span.js';
export { startTelemetry, type Telemetry, type TelemetryOptions } from './telemetry.js';
export { isTraceparent, newTraceparent, traceIdOf } from './traceparent.js';
export { flushTracing, tracesEndpoint, tracingEnabled } from './tracing.js';
