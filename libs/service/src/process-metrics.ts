import { monitorEventLoopDelay } from 'node:perf_hooks';
import { gauge } from '@roundhouse/telemetry';

const RESOLUTION_MS = 10;
const NANOSECONDS = 1e9;

/** Feeds event loop lag and memory to the metrics until the returned function is called. Each scrape starts a new lag window. */
export function watchProcess(): () => void {
  const delay = monitorEventLoopDelay({ resolution: RESOLUTION_MS });
  delay.enable();
  // The histogram counts the timer's own period as delay.
  const lag = (ns: number) => (Number.isFinite(ns) ? Math.max(0, ns / NANOSECONDS - RESOLUTION_MS / 1000) : 0);
  const unregister = [
    gauge('eventLoopLag', () => {
      const readings = [
        { value: lag(delay.percentile(50)), labels: { quantile: '0.5' } },
        { value: lag(delay.percentile(99)), labels: { quantile: '0.99' } },
        { value: lag(delay.max), labels: { quantile: '1' } },
      ];
      delay.reset();
      return readings;
    }),
    gauge('processMemory', () => {
      const memory = process.memoryUsage();
      return [
        { value: memory.rss, labels: { type: 'rss' } },
        { value: memory.heapUsed, labels: { type: 'heap_used' } },
        { value: memory.heapTotal, labels: { type: 'heap_total' } },
        { value: memory.external, labels: { type: 'external' } },
      ];
    }),
  ];
  return () => {
    delay.disable();
    unregister.forEach((remove) => remove());
  };
}
