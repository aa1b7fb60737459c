import { useMemo } from 'react';
import { Button, Chart, Panel, type ChartSeries } from '../../components/index.js';
import { formatCount, formatDuration } from '../../formats/index.js';
import { useUrlState } from '../../navigation/index.js';
import styles from './charts.module.css';
import type { Overview } from '../../overview/index.js';

const spans = { hour: 'Last hour', day: 'Last day' } as const;

/** Ends and latencies over the last hour or day. */
export function Charts({ overview }: { overview: Overview }) {
  const [{ span }, change] = useUrlState();
  const shown = span === 'day' ? 'day' : 'hour';
  const series = overview[shown];
  const times = useMemo(() => series.succeeded.map((_, index) => series.from + index * series.step_ms), [series]);
  const ends = useMemo<ChartSeries[]>(
    () => [
      { label: 'succeeded', values: series.succeeded, series: 3, format: formatCount },
      { label: 'failed attempts', values: series.failed, series: 4, format: formatCount },
      { label: 'died', values: series.dead, series: 2, format: formatCount },
    ],
    [series],
  );
  const waits = useMemo<ChartSeries[]>(
    () => [
      { label: 'wait p50', values: series.wait_p50, series: 6, format: formatDuration },
      { label: 'wait p95', values: series.wait_p95, series: 1, format: formatDuration },
    ],
    [series],
  );
  const runs = useMemo<ChartSeries[]>(
    () => [
      { label: 'run p50', values: series.run_p50, series: 5, format: formatDuration },
      { label: 'run p95', values: series.run_p95, series: 7, format: formatDuration },
    ],
    [series],
  );
  const per = shown === 'hour' ? 'minute' : 'ten minutes';
  return (
    <Panel
      title={spans[shown]}
      actions={Object.entries(spans).map(([name, label]) => (
        <Button
          key={name}
          aria-pressed={name === shown}
          onClick={() => change({ span: name === 'hour' ? undefined : name })}
        >
          {label}
        </Button>
      ))}
    >
      <div className={styles.charts}>
        <Chart title={`Jobs per ${per}`} times={times} series={ends} />
        <Chart title="Time until a worker starts" times={times} series={waits} logarithmic />
        <Chart title="Time a successful run takes" times={times} series={runs} logarithmic />
      </div>
    </Panel>
  );
}
