import { hostname } from 'node:os';
import { detectResources, envDetector, resourceFromAttributes } from '@opentelemetry/resources';
import { PeriodicExportingMetricReader, type IMetricReader } from '@opentelemetry/sdk-metrics';
import { startLogs, stopLogs } from './otlp-logs.js';
import { startMetrics, stopMetrics } from './metrics.js';
import { startTracing, stopTracing } from './tracing.js';

// As OpenTelemetry's specification has them.
const DEFAULT_EXPORT_INTERVAL_MS = 60_000;
const DEFAULT_EXPORT_TIMEOUT_MS = 30_000;

export interface TelemetryOptions {
  /** Name of the process, e.g. `gateway`; OTEL_SERVICE_NAME wins over it. */
  service: string;
  version: string;
}

export interface Telemetry {
  /** Flushes and stops; never throws, because telemetry must not fail a shutdown. Returns what went wrong. */
  shutdown(): Promise<Error[]>;
}

function metricsEndpoint(env: NodeJS.ProcessEnv): string | undefined {
  if (env.OTEL_SDK_DISABLED?.toLowerCase() === 'true' || env.OTEL_METRICS_EXPORTER === 'none') return undefined;
  return env.OTEL_EXPORTER_OTLP_METRICS_ENDPOINT || env.OTEL_EXPORTER_OTLP_ENDPOINT || undefined;
}

async function metricReaders(): Promise<IMetricReader[]> {
  if (metricsEndpoint(process.env) === undefined) return [];
  const { OTLPMetricExporter } = await import('@opentelemetry/exporter-metrics-otlp-http');
  const exportIntervalMillis = milliseconds('OTEL_METRIC_EXPORT_INTERVAL', DEFAULT_EXPORT_INTERVAL_MS);
  const exportTimeoutMillis = Math.min(
    milliseconds('OTEL_METRIC_EXPORT_TIMEOUT', DEFAULT_EXPORT_TIMEOUT_MS),
    exportIntervalMillis,
  );
  const exporter = new OTLPMetricExporter();
  return [new PeriodicExportingMetricReader({ exporter, exportIntervalMillis, exportTimeoutMillis })];
}

/** The reader itself does not look at the environment. What is no number there counts as not set. */
function milliseconds(variable: string, otherwise: number): number {
  const value = Number(process.env[variable]);
  return Number.isInteger(value) && value > 0 ? value : otherwise;
}

/** Metrics are always on (for /metrics); traces, pushed metrics and pushed logs only with an OTLP endpoint in the environment. */
export async function startTelemetry({ service, version }: TelemetryOptions): Promise<Telemetry> {
  const resource = resourceFromAttributes({
    'service.name': service,
    'service.namespace': 'roundhouse',
    'service.version': version,
    'service.instance.id': `${hostname()}-${process.pid}`,
  }).merge(detectResources({ detectors: [envDetector] }));
  startMetrics(resource, await metricReaders());
  await startTracing(resource);
  await startLogs(resource);
  return {
    shutdown: async () => {
      const results = await Promise.allSettled([stopTracing(), stopMetrics(), stopLogs()]);
      return results.flatMap((r) => (r.status === 'rejected' ? [r.reason as Error] : []));
    },
  };
}
