import { resourceFromAttributes, type Resource } from '@opentelemetry/resources';
import type { IMetricReader } from '@opentelemetry/sdk-metrics';
import type { CounterName, GaugeName, HistogramName, LabelsOf, MetricName } from './metric-names.js';
import { MetricRegistry, type AnyGaugeReader } from './metric-registry.js';

export interface Reading<M extends GaugeName> {
  value: number;
  labels?: LabelsOf<M>;
}

/** What a gauge says when it is read: a number, or one per label set. Nothing when it does not know. */
export type GaugeReader<M extends GaugeName> = () =>
  number | Reading<M>[] | undefined | Promise<number | Reading<M>[] | undefined>;

// Outside the registry: a gauge may be registered before the telemetry starts.
const gaugeReaders = new Map<MetricName, Set<AnyGaugeReader>>();
let registry: MetricRegistry | undefined;

/**
 * Starts recording; before this call recording does nothing. `readers` push elsewhere (OTLP); /metrics needs none.
 * Started again, it begins at zero.
 */
export function startMetrics(resource: Resource = resourceFromAttributes({}), readers: IMetricReader[] = []): void {
  registry = new MetricRegistry(resource, readers, gaugeReaders);
}

export async function stopMetrics(): Promise<void> {
  const stopped = registry;
  registry = undefined;
  await stopped?.stop();
}

/** Adds `by` (default 1) to a counter. */
export function count<M extends CounterName>(metric: M, labels: LabelsOf<M>, by = 1): void {
  registry?.count(metric, by, labels);
}

/** Puts one value, in the metric's unit (seconds), into a histogram. */
export function measure<M extends HistogramName>(metric: M, value: number, labels: LabelsOf<M>): void {
  registry?.measure(metric, value, labels);
}

/**
 * `read` is called at every scrape; one that fails, or takes too long, leaves only its own metric out.
 * Returns how to unregister it.
 */
export function gauge<M extends GaugeName>(metric: M, read: GaugeReader<M>): () => void {
  const readers = gaugeReaders.get(metric) ?? new Set();
  gaugeReaders.set(metric, readers.add(read));
  return () => void readers.delete(read);
}

export const METRICS_CONTENT_TYPE = 'text/plain; version=0.0.4; charset=utf-8';

/** The Prometheus text format. */
export async function renderMetrics(): Promise<string> {
  return registry === undefined ? '# telemetry is not started\n' : registry.render();
}
