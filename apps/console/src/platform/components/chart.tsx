import { useEffect, useMemo, useRef, useState } from 'react';
import uPlot from 'uplot';
import 'uplot/dist/uPlot.min.css';
import { formatTime } from '../formats/index.js';
import { usePreferences, useTimeZone } from '../preferences/index.js';
import styles from './chart.module.css';
import { PlainTable } from './plain-table.js';

export interface ChartSeries {
  label: string;
  /** One per point; null: nothing to show. */
  values: readonly (number | null)[];
  /** Colour of the theme, 1 … 8. */
  series: number;
  format: (value: number) => string;
}

export interface ChartProps {
  title: string;
  /** Times of the points, ms since 1970. */
  times: readonly number[];
  series: readonly ChartSeries[];
  /** Pixels. @default 180 */
  height?: number;
  /** Ten times as much is one step up: for latencies. */
  logarithmic?: boolean;
  /** Points are days, of no zone. */
  dates?: boolean;
}

/** Lines over time, with a table of the same figures for those who cannot see them. */
export function Chart({ title, times, series, height = 180, logarithmic = false, dates = false }: ChartProps) {
  const frame = useRef<HTMLDivElement>(null);
  const plot = useRef<uPlot>(undefined);
  const chosenZone = useTimeZone();
  const timeZone = dates ? 'UTC' : chosenZone;
  const [{ theme }] = usePreferences();
  const [width, setWidth] = useState(0);
  const data = useMemo(
    () => [times.map((time) => time / 1_000), ...series.map(({ values }) => values)] as uPlot.AlignedData,
    [times, series],
  );
  const latest = useRef(data);
  latest.current = data;
  const shape = series.map(({ label, series: colour }) => `${label} ${colour}`).join('|');
  const formats = useRef(series);
  formats.current = series;

  useEffect(() => {
    const element = frame.current as HTMLDivElement;
    const observer = new ResizeObserver(() => setWidth(Math.floor(element.clientWidth)));
    observer.observe(element);
    return () => observer.disconnect();
  }, []);

  useEffect(() => {
    const element = frame.current;
    if (!element || width === 0) return;
    const style = getComputedStyle(element);
    const colour = (name: string) => style.getPropertyValue(name).trim();
    const axis = { stroke: colour('--ink-soft'), grid: { stroke: colour('--line'), width: 1 }, ticks: { show: false } };
    const made = new uPlot(
      {
        width,
        height,
        tzDate: (seconds) => uPlot.tzDate(new Date(seconds * 1_000), timeZone),
        cursor: { drag: { x: false, y: false } },
        legend: { live: false },
        scales: {
          y: logarithmic ? { distr: 3 } : dates ? {} : { range: (_, _min, max) => [0, Math.max(1, max * 1.1)] },
        },
        axes: [
          {
            ...axis,
            ...(dates && { incrs: wholeDays }),
            values: (_, ticks) => ticks.map((tick) => tickLabel(uPlot.tzDate(new Date(tick * 1_000), timeZone), dates)),
          },
          {
            ...axis,
            size: 64,
            values: (_, ticks) => ticks.map((tick) => (tick === null ? '' : (formats.current[0]?.format(tick) ?? ''))),
          },
        ],
        series: [
          {},
          ...formats.current.map(({ label, series: number }) => ({
            label,
            stroke: colour(`--series-${number}`),
            width: 2,
            points: { show: true, size: 4 },
            spanGaps: false,
          })),
        ],
      },
      latest.current,
      element,
    );
    plot.current = made;
    return () => {
      made.destroy();
      plot.current = undefined;
    };
  }, [width, height, timeZone, theme, shape, logarithmic, dates]);

  useEffect(() => plot.current?.setData(data), [data]);

  return (
    <figure className={styles.figure}>
      <figcaption>{title}</figcaption>
      <div ref={frame} className={styles.plot} aria-hidden="true" />
      <details className={styles.details}>
        <summary>Figures of {title.toLowerCase()}</summary>
        <PlainTable
          label={title}
          columns={['Time', ...series.map(({ label }) => `#${label}`)]}
          rows={times
            .map((time, index) => ({
              key: String(time),
              cells: [
                dates ? new Date(time).toISOString().slice(0, 10) : formatTime(time, timeZone),
                ...series.map(({ values, format }) => shown(values[index], format)),
              ],
            }))
            .reverse()}
        />
      </details>
    </figure>
  );
}

const shown = (value: number | null | undefined, format: (value: number) => string): string =>
  value === null || value === undefined ? '–' : format(value);

/** Seconds between ticks of days: one, two, a week and so on. */
const wholeDays = [1, 2, 7, 14, 30, 90].map((days) => days * 86_400);

const twoDigits = (value: number): string => String(value).padStart(2, '0');

/** "14:05" or "31.01.", of a time that is moved to the zone already. */
function tickLabel(at: Date, isDate: boolean): string {
  if (isDate) return `${twoDigits(at.getDate())}.${twoDigits(at.getMonth() + 1)}.`;
  return `${twoDigits(at.getHours())}:${twoDigits(at.getMinutes())}`;
}
