import { CardinalityGuard } from './cardinality.js';
import { metricTable, type MetricDefinition } from './metric-names.js';
import { count, gauge, measure, renderMetrics, startMetrics, stopMetrics } from './metrics.js';
import { SeriesTable } from './series.js';

const lines = (text: string, metric: string) => text.split('\n').filter((line) => line.startsWith(metric));

describe('metrics', () => {
  beforeEach(() => startMetrics());
  afterEach(() => stopMetrics());

  it('counts by label set', async () => {
    count('attempts', { tenant: 'acme', kind: 'noop', queue: 'default', outcome: 'succeeded' });
    count('attempts', { outcome: 'succeeded', tenant: 'acme', kind: 'noop', queue: 'default' }, 4);
    count('attempts', { tenant: 'acme', kind: 'noop', queue: 'default', outcome: 'failed' });
    expect(lines(await renderMetrics(), 'roundhouse_attempts_total').sort()).toEqual([
      'roundhouse_attempts_total{tenant="acme",kind="noop",queue="default",outcome="failed"} 1',
      'roundhouse_attempts_total{tenant="acme",kind="noop",queue="default",outcome="succeeded"} 5',
    ]);
  });

  it('is cumulative over scrapes', async () => {
    count('returns', { queue: 'q' });
    await renderMetrics();
    count('returns', { queue: 'q' });
    expect(lines(await renderMetrics(), 'roundhouse_publish_returns_total')).toEqual([
      'roundhouse_publish_returns_total{queue="q"} 2',
    ]);
  });

  it('puts times into buckets', async () => {
    for (const seconds of [0.004, 0.3, 7200])
      measure('queueLatency', seconds, { tenant: 'a', kind: 'noop', queue: 'default' });
    const text = await renderMetrics();
    expect(text).toContain(
      'roundhouse_queue_latency_seconds_bucket{tenant="a",kind="noop",queue="default",le="0.005"} 1\n',
    );
    expect(text).toContain(
      'roundhouse_queue_latency_seconds_bucket{tenant="a",kind="noop",queue="default",le="3600"} 2\n',
    );
    expect(text).toContain(
      'roundhouse_queue_latency_seconds_bucket{tenant="a",kind="noop",queue="default",le="+Inf"} 3\n',
    );
    expect(text).toContain('roundhouse_queue_latency_seconds_count{tenant="a",kind="noop",queue="default"} 3\n');
  });

  it('reads gauges at each scrape until they are unregistered', async () => {
    let size = 3;
    const remove = gauge('outboxSize', async () => size);
    const forget = gauge('sseSubscribers', () => [{ value: 2, labels: { type: 'job' } }]);
    expect(await renderMetrics()).toContain('\nroundhouse_outbox_size 3\n');
    size = 5;
    const text = await renderMetrics();
    expect(text).toContain('\nroundhouse_outbox_size 5\n');
    expect(text).toContain('roundhouse_sse_subscribers{type="job"} 2');
    remove();
    forget();
    expect(lines(await renderMetrics(), 'roundhouse_outbox_size')).toEqual(['roundhouse_outbox_size NaN']);
  });

  it('keeps the other metrics when a gauge fails, and tells', async () => {
    const remove = gauge('outboxAge', () => Promise.reject(new Error('no route to postgres://u:p@h')));
    count('returns', { queue: 'q' });
    const text = await renderMetrics();
    remove();
    expect(text).toContain('roundhouse_publish_returns_total{queue="q"} 1');
    expect(text).toContain('# a gauge could not be read: Error: no route to postgres://u:[redacted]@h');
  });

  it('bounds the number of tenants', async () => {
    for (let i = 0; i < 1000; i++) count('jobsAccepted', { tenant: `t${i}`, kind: 'noop', queue: 'default' });
    const series = lines(await renderMetrics(), 'roundhouse_jobs_accepted_total');
    expect(series).toHaveLength(201);
    expect(series.at(-1)).toBe('roundhouse_jobs_accepted_total{tenant="other",kind="noop",queue="default"} 800');
  });

  it('does nothing before it is started', async () => {
    await stopMetrics();
    count('returns', { queue: 'q' });
    expect(await renderMetrics()).toBe('# telemetry is not started\n');
  });
});

describe('metricTable', () => {
  const definitions: MetricDefinition[] = Object.values(metricTable);

  it('follows the Prometheus naming rules', () => {
    expect(new Set(definitions.map(({ name }) => name)).size).toBe(definitions.length);
    for (const { name, type, unit } of definitions) {
      expect(name).toMatch(/^roundhouse_[a-z_]+$/);
      expect(name.endsWith('_total')).toBe(type === 'counter');
      expect(name.endsWith('_seconds')).toBe(unit === 's');
      expect(name.endsWith('_bytes')).toBe(unit === 'By');
    }
  });
});

describe('SeriesTable', () => {
  it('gives one series for one label set, absent labels left out', () => {
    const table = new SeriesTable(['kind', 'queue'], new CardinalityGuard());
    expect(table.of({ kind: 'a' })).toBe(table.of({ kind: 'a', queue: undefined }));
    expect(table.of({ kind: 'a' }).labels).toEqual({ kind: 'a' });
  });

  it('sends what is beyond the limit to `other`', () => {
    const table = new SeriesTable(['kind'], new CardinalityGuard({ kind: 1 }));
    table.of({ kind: 'a' });
    expect(table.of({ kind: 'b' })).toBe(table.of({ kind: 'c' }));
    expect(table.of({ kind: 'b' }).labels).toEqual({ kind: 'other' });
    expect(table.of({ kind: 'a' }).labels).toEqual({ kind: 'a' });
  });

  it('sends combinations beyond the limit of series to one series', () => {
    const table = new SeriesTable(['tenant', 'kind'], new CardinalityGuard(), 4);
    for (const tenant of ['a', 'b']) for (const kind of ['x', 'y']) table.of({ tenant, kind });
    const beyond = table.of({ tenant: 'a', kind: 'z' });
    expect(beyond.labels).toEqual({ tenant: 'other', kind: 'other' });
    expect(table.of({ tenant: 'b', kind: 'z' })).toBe(beyond);
    expect(table.of({ tenant: 'b', kind: 'x' }).labels).toEqual({ tenant: 'b', kind: 'x' });
    expect([...table.values()]).toHaveLength(5);
  });
});
