import { Link } from '@tanstack/react-router';
import { Age, PlainTable } from '../../components/index.js';
import { formatCapped, formatCount, formatDuration, formatNumber } from '../../formats/index.js';
import type { Overview } from '../../overview/index.js';

type Queue = Overview['queues'][number];

/** What waits where, since when, and when it will be gone. Queues with something in them come first. */
export function QueueTable({ queues, cap }: { queues: readonly Queue[]; cap: number }) {
  const busy = ({ queued, running, blocked, later }: Queue) => queued + running + blocked + later > 0;
  const sorted = [...queues].sort(
    (a, b) => Number(busy(b)) - Number(busy(a)) || b.queued - a.queued || a.queue.localeCompare(b.queue),
  );
  return (
    <PlainTable
      label="Queues"
      columns={[
        'Queue',
        '#Queued',
        '#At the broker',
        'Longest since',
        '#Running',
        '#Held back',
        '#Later',
        '#Workers',
        '#Ends /s',
        '#Empty in',
      ]}
      rows={sorted.map((queue) => ({
        key: queue.queue,
        cells: [
          <>
            <Link to={`/jobs?q=queue:${queue.queue}+state:active` as string}>{queue.queue}</Link>
            {queue.mismatch && <strong> {queue.mismatch}</strong>}
            {queue.paused && <strong> paused by {queue.paused}</strong>}
          </>,
          queue.more ? `${formatCount(queue.queued)}+` : formatCount(queue.queued),
          queue.at_broker === null ? '–' : formatCount(queue.at_broker),
          <Age at={queue.oldest} />,
          formatCapped(queue.running, cap),
          formatCapped(queue.blocked, cap),
          formatCapped(queue.later, cap),
          queue.workers === 0 && queue.queued > 0 ? <strong>nobody listens</strong> : formatCount(queue.workers),
          formatNumber(queue.per_second),
          queue.queued === 0 || queue.drain_ms === null ? '–' : formatDuration(queue.drain_ms),
        ],
      }))}
    />
  );
}
