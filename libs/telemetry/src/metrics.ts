import type { Counter, Histogram, Meter } from '@opentelemetry/api';
import { PrometheusExporter, PrometheusSerializer } from '@opentelemetry/exporter-prometheus';
import { resourceFromAttributes, type Resource } from '@opentelemetry/resources';
import { MeterProvider, type IMetricReader } from '@opentelemetry/sdk-metrics';
import { CardinalityGuard } from './cardinality.js';
import {
  metricTable,
  type CounterName,
  type GaugeName,
  type HistogramName,
  type LabelsOf,
  type MetricDefinition,
  type MetricName,
} from './metric-names.js';

export interface Reading<M extends GaugeName> {
  value: number;
  labels?: LabelsOf<M>;
}

/** What a gauge says when it is read: a number, or one per label set. Nothing when it does not know. */
export type GaugeReader<M extends GaugeName> = () =>
  number | Reading<M>[] | undefined | Promise<number | Reading<M>[] | undefined>;

class MetricRegistry {
  readonly #guard = new CardinalityGuard();
  readonly #prometheus = new PrometheusExporter({ preventServerStart: true });
  readonly #serializer = new PrometheusSerializer(undefined, false, undefined, true, true);
  readonly #provider: MeterProvider;
  readonly #counters = new Map<MetricName, Counter>();
  readonly #histograms = new Map<MetricName, Histogram>();

  constructor(resource: Resource, readers: IMetricReader[]) {
    this.#provider = new MeterProvider({ resource, readers: [this.#prometheus, ...readers] });
    const meter = this.#provider.getMeter('roundhouse');
    for (const [metric, definition] of Object.entries(metricTable) as [MetricName, MetricDefinition][]) {
      this.#create(meter, metric, definition);
    }
  }

  #create(meter: Meter, metric: MetricName, { name, type, unit, description, buckets }: MetricDefinition): void {
    const options = { unit, description };
    if (type === 'counter') this.#counters.set(metric, meter.createCounter(name, options));
    else if (type === 'histogram') {
      const advice = { explicitBucketBoundaries: [...(buckets ?? [])] };
      this.#histograms.set(metric, meter.createHistogram(name, { ...options, advice }));
    } else {
      meter.createObservableGauge(name, options).addCallback(async (result) => {
        for (const read of gaugeReaders.get(metric) ?? []) {
          const readings = await read();
          if (typeof readings === 'number') result.observe(readings);
          else readings?.forEach(({ value, labels }) => result.observe(value, this.#guard.labels(labels ?? {})));
        }
      });
    }
  }

  count(metric: CounterName, by: number, labels: Record<string, string | undefined>): void {
    this.#counters.get(metric)?.add(by, this.#guard.labels(labels));
  }

  measure(metric: HistogramName, value: number, labels: Record<string, string | undefined>): void {
    this.#histograms.get(metric)?.record(value, this.#guard.labels(labels));
  }

  async render(): Promise<string> {
    const { resourceMetrics } = await this.#prometheus.collect();
    return this.#serializer.serialize(resourceMetrics);
  }

  stop(): Promise<void> {
    return this.#provider.shutdown();
  }
}

// Outside the registry: a gauge may be registered before the telemetry starts.
const gaugeReaders = new Map<MetricName, Set<GaugeReader<GaugeName>>>();
let registry: MetricRegistry | undefined;

/** Starts recording. `readers` push elsewhere (OTLP); /metrics works without any. Before this call recording costs nothing. */
export function startMetrics(resource: Resource = resourceFromAttributes({}), readers: IMetricReader[] = []): void {
  registry = new MetricRegistry(resource, readers);
}

export async function stopMetrics(): Promise<void> {
  const stopped = registry;
  registry = undefined;
  await stopped?.stop();
}

/** Adds `by` (default 1) to a counter. Callers with a batch add once per label set, not once per job. */
export function count<M extends CounterName>(metric: M, labels: LabelsOf<M>, by = 1): void {
  registry?.count(metric, by, labels);
}

/** Puts one value, in the metric's unit (seconds), into a histogram. */
export function measure<M extends HistogramName>(metric: M, value: number, labels: LabelsOf<M>): void {
  registry?.measure(metric, value, labels);
}

/** `read` is called at every scrape; a reader that fails leaves only its own series out. Returns how to unregister it. */
export function gauge<M extends GaugeName>(metric: M, read: GaugeReader<M>): () => void {
  const readers = gaugeReaders.get(metric) ?? new Set<GaugeReader<GaugeName>>();
  gaugeReaders.set(metric, readers.add(read as GaugeReader<GaugeName>));
  return () => void readers.delete(read as GaugeReader<GaugeName>);
}

export const METRICS_CONTENT_TYPE = 'text/plain; version=0.0.4; charset=utf-8';

/** The Prometheus text format. */
export async function renderMetrics(): Promise<string> {
  return registry === undefined ? '# telemetry is not started\n' : registry.render();
}
