import { Link } from '@tanstack/react-router';
import { Age, PlainTable } from '../../components/index.js';
import { formatCapped, formatCount, formatDuration, formatNumber } from '../../formats/index.js';
import type { Overview } from '../../overview/index.js';

type Queue = Overview['queues'][number];

/** What waits where, since when, and when it will be gone. Queues with something in them come first. */
export function QueueTable({ queues, cap, all_tenants: allTenants }: Pick<Overview, 'queues' | 'cap' | 'all_tenants'>) {
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
        ...(allTenants ? ['#At the broker'] : []),
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
          ...(allTenants ? [queue.at_broker === null ? '–' : formatCount(queue.at_broker)] : []),
          <Age at={queue.oldest} />,
          formatCapped(queue.running, cap),
          formatCapped(queue.blocked, cap),
          formatCapped(queue.later, cap),
          <Listening queue={queue} />,
          formatNumber(queue.per_second),
          queue.queued === 0 || queue.drain_ms === null ? '–' : formatDuration(queue.drain_ms),
        ],
      }))}
    />
  );
}

/** How many workers listen, for operators; for others whether one does. */
function Listening({ queue: { workers, consumed, queued } }: { queue: Queue }) {
  if (!consumed && queued > 0) return <strong>nobody listens</strong>;
  if (workers !== null) return <>{formatCount(workers)}</>;
  return <>{consumed ? 'listening' : 'none'}</>;
}
