import { context, propagation, trace, type Tracer } from '@opentelemetry/api';
import type { Resource } from '@opentelemetry/resources';
import { BatchSpanProcessor, NodeTracerProvider } from '@opentelemetry/sdk-trace-node';

const DEFAULT_SCHEDULE_DELAY_MS = 1000;

let provider: NodeTracerProvider | undefined;
let tracer: Tracer = trace.getTracer('roundhouse');

/** True between a `startTracing` with an endpoint and `stopTracing`. Off, spans cost a comparison. */
export function tracingEnabled(): boolean {
  return provider !== undefined;
}

export function currentTracer(): Tracer {
  return tracer;
}

/** Where traces go; undefined means tracing is off. */
export function tracesEndpoint(env: NodeJS.ProcessEnv = process.env): string | undefined {
  if (env.OTEL_SDK_DISABLED?.toLowerCase() === 'true' || env.OTEL_TRACES_EXPORTER === 'none') return undefined;
  return env.OTEL_EXPORTER_OTLP_TRACES_ENDPOINT || env.OTEL_EXPORTER_OTLP_ENDPOINT || undefined;
}

/**
 * Exports spans over OTLP/HTTP when an endpoint is set (the exporter reads OTEL_EXPORTER_OTLP_* itself, the batch processor
 * OTEL_BSP_*, the sampler OTEL_TRACES_SAMPLER*); otherwise registers nothing at all.
 */
export async function startTracing(resource: Resource): Promise<void> {
  if (provider !== undefined || tracesEndpoint() === undefined) return;
  const { OTLPTraceExporter } = await import('@opentelemetry/exporter-trace-otlp-http');
  const processor = new BatchSpanProcessor(
    new OTLPTraceExporter(),
    process.env.OTEL_BSP_SCHEDULE_DELAY === undefined ? { scheduledDelayMillis: DEFAULT_SCHEDULE_DELAY_MS } : {},
  );
  provider = new NodeTracerProvider({ resource, spanProcessors: [processor] });
  provider.register({ propagator: null });
  tracer = provider.getTracer('roundhouse');
}

/** Sends what is still in memory and turns tracing off. An unreachable collector is not an error of the service's. */
export async function stopTracing(): Promise<void> {
  const stopped = provider;
  if (stopped === undefined) return;
  provider = undefined;
  trace.disable();
  context.disable();
  propagation.disable();
  tracer = trace.getTracer('roundhouse');
  await stopped.shutdown();
}

/** Sends what is in memory now; for tests and for processes that end without `stopTracing`. */
export async function flushTracing(): Promise<void> {
  await provider?.forceFlush();
}
