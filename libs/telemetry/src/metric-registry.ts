import type { Histogram, Meter, ObservableResult } from '@opentelemetry/api';
import { PrometheusExporter, PrometheusSerializer } from '@opentelemetry/exporter-prometheus';
import type { Resource } from '@opentelemetry/resources';
import { MeterProvider, type IMetricReader } from '@opentelemetry/sdk-metrics';
import { CardinalityGuard } from './cardinality.js';
import { metricTable, type MetricDefinition, type MetricName } from './metric-names.js';
import { redactText } from './redaction.js';
import { SeriesTable } from './series.js';

const GAUGE_TIMEOUT_MS = 2000;

type Labels = Readonly<Record<string, string | undefined>>;
type Readings = number | { value: number; labels?: Labels }[] | undefined;
export type AnyGaugeReader = () => Readings | Promise<Readings>;

/** The instruments of the table on an OpenTelemetry meter, read by /metrics and by the readers given. */
export class MetricRegistry {
  readonly #guard = new CardinalityGuard();
  readonly #prometheus = new PrometheusExporter({ preventServerStart: true });
  readonly #serializer = new PrometheusSerializer(undefined, false, undefined, true, true);
  readonly #provider: MeterProvider;
  readonly #series = new Map<MetricName, SeriesTable>();
  readonly #histograms = new Map<MetricName, Histogram>();

  constructor(
    resource: Resource,
    readers: readonly IMetricReader[],
    private readonly gaugeReaders: ReadonlyMap<MetricName, ReadonlySet<AnyGaugeReader>>,
  ) {
    this.#provider = new MeterProvider({ resource, readers: [this.#prometheus, ...readers] });
    const meter = this.#provider.getMeter('roundhouse');
    for (const [metric, definition] of Object.entries(metricTable) as [MetricName, MetricDefinition][]) {
      this.#create(meter, metric, definition);
    }
  }

  count(metric: MetricName, by: number, labels: Labels): void {
    const series = this.#series.get(metric)?.of(labels);
    if (series !== undefined) series.value += by;
  }

  measure(metric: MetricName, value: number, labels: Labels): void {
    this.#histograms.get(metric)?.record(value, this.#series.get(metric)?.of(labels).labels);
  }

  async render(): Promise<string> {
    const { resourceMetrics, errors } = await this.#prometheus.collect({ timeoutMillis: GAUGE_TIMEOUT_MS });
    const failures = errors.map((error) => `# a gauge could not be read: ${String(error).replaceAll('\n', ' ')}\n`);
    return this.#serializer.serialize(resourceMetrics) + redactText(failures.join(''));
  }

  stop(): Promise<void> {
    return this.#provider.shutdown();
  }

  #create(meter: Meter, metric: MetricName, definition: MetricDefinition): void {
    const { name, type, unit, description, labels, buckets } = definition;
    const series = new SeriesTable(labels, this.#guard);
    this.#series.set(metric, series);
    const options = { unit, description };
    if (type === 'histogram') {
      const advice = { explicitBucketBoundaries: [...(buckets ?? [])] };
      this.#histograms.set(metric, meter.createHistogram(name, { ...options, advice }));
    } else if (type === 'counter') {
      meter.createObservableCounter(name, options).addCallback((result) => {
        for (const { value, labels } of series.values()) result.observe(value, labels);
      });
    } else {
      meter.createObservableGauge(name, options).addCallback((result) => this.#readGauge(metric, series, result));
    }
  }

  /** The SDK repeats a gauge's last value for ever; a series nobody could read this time is told as NaN, not as of old. */
  async #readGauge(metric: MetricName, series: SeriesTable, result: ObservableResult): Promise<void> {
    const unread = new Set(series.values());
    const observe = (value: number, labels: Labels) => {
      const found = series.of(labels);
      unread.delete(found);
      result.observe(value, found.labels);
    };
    try {
      for (const read of this.gaugeReaders.get(metric) ?? []) {
        const readings = await read();
        if (typeof readings === 'number') observe(readings, {});
        else readings?.forEach(({ value, labels }) => observe(value, labels ?? {}));
      }
    } finally {
      for (const { labels } of unread) result.observe(Number.NaN, labels);
    }
  }
}
