import { Link } from '@tanstack/react-router';
import { Panel } from '../../components/page.js';
import { StateBadge } from '../../components/state-badge.js';
import type { ConsoleJob } from './job-page.js';
import styles from './job-page.module.css';

const shownFollowUps = 20;

/** Where the job comes from, what it belongs to, and what came of it. */
export function JobLinks({ job }: { job: ConsoleJob }) {
  const { batch, dependencies, dependents, follow_ups: followUps, parent_id: parent } = job;
  if (!batch && !parent && dependencies.length + dependents.length + followUps.length === 0) return null;
  return (
    <Panel title="Belongs to">
      {batch && (
        <p>
          {batch.workflow ? 'Workflow' : 'Batch'}{' '}
          <Link to={`/${batch.workflow ? 'workflows' : 'batches'}/${batch.id}` as string}>
            {batch.name || batch.id}
          </Link>
          {batch.ref && (
            <>
              {' '}
              as <code>{batch.ref}</code>
            </>
          )}
        </p>
      )}
      {parent && (
        <p>
          Follows <JobLink id={parent} />
        </p>
      )}
      <Group title="Waits for" jobs={dependencies} />
      <Group title="Is waited for by" jobs={dependents} />
      {followUps.length > 0 && (
        <div>
          <h3>Has created</h3>
          <ul className={styles.links}>
            {followUps.slice(0, shownFollowUps).map((id) => (
              <li key={id}>
                <JobLink id={id} />
              </li>
            ))}
          </ul>
          {followUps.length > shownFollowUps && (
            <Link to={`/jobs?q=parent:${job.id}` as string}>All {followUps.length}</Link>
          )}
        </div>
      )}
    </Panel>
  );
}

function Group({
  title,
  jobs,
}: {
  title: string;
  jobs: readonly { id: string; ref: string; kind: string; state: string }[];
}) {
  if (jobs.length === 0) return null;
  return (
    <div>
      <h3>{title}</h3>
      <ul className={styles.links}>
        {jobs.map(({ id, ref, kind, state }) => (
          <li key={id}>
            <StateBadge state={state} /> <Link to={`/jobs/${id}` as string}>{ref || id.slice(-12)}</Link> {kind}
          </li>
        ))}
      </ul>
    </div>
  );
}

function JobLink({ id }: { id: string }) {
  return (
    <Link to={`/jobs/${id}` as string}>
      <code>{id}</code>
    </Link>
  );
}
