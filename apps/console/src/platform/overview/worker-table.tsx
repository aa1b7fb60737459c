import { Link } from '@tanstack/react-router';
import { Age, Empty, PlainTable } from '../components/index.js';
import type { Overview } from './overview.js';

const shownJobs = 8;

/** Who is there, and what each does. */
export function WorkerTable({ workers }: { workers: Overview['workers'] }) {
  if (workers.length === 0)
    return (
      <Empty title="No worker was heard of in the last minute">
        <p>
          <code>./roundhouse up</code> starts them; their logs are in <code>.roundhouse/logs/</code>.
        </p>
      </Empty>
    );
  return (
    <PlainTable
      label="Workers"
      columns={['Worker', 'Queues', '#Running', 'Jobs', 'Heard of']}
      rows={workers.map((worker) => ({
        key: worker.id,
        cells: [
          <>
            {worker.service} {worker.version}
            <br />
            <small>
              {worker.host}, process {worker.pid}
              {worker.stopping && ', stopping'}
            </small>
          </>,
          worker.queues.join(', '),
          worker.running,
          worker.jobs.slice(0, shownJobs).map(({ id, kind, percent, since }) => (
            <div key={id}>
              <Link to={`/jobs/${id}` as string}>{kind}</Link> <Age at={since} />
              {percent !== null && `, ${Math.round(percent)} %`}
            </div>
          )),
          <Age at={worker.seen_at} />,
        ],
      }))}
    />
  );
}
