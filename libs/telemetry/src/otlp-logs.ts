import { SeverityNumber, type LogAttributes, type Logger as OtelLogger } from '@opentelemetry/api-logs';
import type { Resource } from '@opentelemetry/resources';
import { BatchLogRecordProcessor, LoggerProvider } from '@opentelemetry/sdk-logs';

const severities: Record<string, SeverityNumber> = {
  trace: SeverityNumber.TRACE,
  debug: SeverityNumber.DEBUG,
  info: SeverityNumber.INFO,
  warn: SeverityNumber.WARN,
  error: SeverityNumber.ERROR,
  fatal: SeverityNumber.FATAL,
};
/** Said by the record or its resource already. */
const elsewhere = new Set(['time', 'level', 'msg', 'service', 'version', 'pid']);

let provider: LoggerProvider | undefined;
let sink: OtelLogger | undefined;

function logsEndpoint(env: NodeJS.ProcessEnv): string | undefined {
  if (env.OTEL_SDK_DISABLED?.toLowerCase() === 'true' || env.OTEL_LOGS_EXPORTER === 'none') return undefined;
  return env.OTEL_EXPORTER_OTLP_LOGS_ENDPOINT || env.OTEL_EXPORTER_OTLP_ENDPOINT || undefined;
}

/** Sends log lines over OTLP/HTTP as well when an endpoint is set; the batch processor reads OTEL_BLRP_*. */
export async function startLogs(resource: Resource): Promise<void> {
  if (provider !== undefined || logsEndpoint(process.env) === undefined) return;
  const { OTLPLogExporter } = await import('@opentelemetry/exporter-logs-otlp-http');
  provider = new LoggerProvider({
    resource,
    processors: [new BatchLogRecordProcessor({ exporter: new OTLPLogExporter() })],
  });
  sink = provider.getLogger('roundhouse');
}

/** Sends what is still in memory. */
export async function stopLogs(): Promise<void> {
  const stopped = provider;
  provider = undefined;
  sink = undefined;
  await stopped?.shutdown();
}

/**
 * Passes on a line as it stands on standard output, so that what is hidden there is hidden here. Lines from before the
 * start are on standard output alone.
 */
export function forwardLine(line: string): void {
  if (sink === undefined) return;
  const fields = JSON.parse(line) as Record<string, unknown>;
  const level = String(fields.level);
  const attributes: LogAttributes = {};
  for (const [name, value] of Object.entries(fields)) {
    if (elsewhere.has(name) || value === null) continue;
    attributes[name] = typeof value === 'object' ? JSON.stringify(value) : (value as string | number | boolean);
  }
  sink.emit({
    timestamp: new Date(String(fields.time)),
    severityNumber: severities[level] ?? SeverityNumber.UNSPECIFIED,
    severityText: level,
    body: String(fields.msg ?? ''),
    attributes,
  });
}
