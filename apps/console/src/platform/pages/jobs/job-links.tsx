import { Link } from '@tanstack/react-router';
import type { ConsoleJob } from '../../api/index.js';
import { Panel, StateBadge } from '../../components/index.js';
import styles from './job-page.module.css';

const shownIds = 20;

/** Where the job comes from, what it belongs to, and what came of it. */
export function JobLinks({ job }: { job: ConsoleJob }) {
  const { batch, dependencies, dependents, follow_ups: followUps, parent_id: parent, rerun_of: original, reruns } = job;
  const others = [dependencies, dependents, followUps, reruns].some(({ length }) => length > 0);
  if (!batch && !parent && !original && !others) return null;
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
      {original && (
        <p>
          Is <JobLink id={original} /> run again
        </p>
      )}
      <Group title="Waits for" jobs={dependencies} />
      <Group title="Is waited for by" jobs={dependents} />
      <Ids title="Run again as" ids={reruns} />
      <Ids title="Has created" ids={followUps} all={`/jobs?q=parent:${job.id}`} />
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

/** @param all where those are that are too many to be shown here */
function Ids({ title, ids, all }: { title: string; ids: readonly string[]; all?: string }) {
  if (ids.length === 0) return null;
  return (
    <div>
      <h3>{title}</h3>
      <ul className={styles.links}>
        {ids.slice(0, shownIds).map((id) => (
          <li key={id}>
            <JobLink id={id} />
          </li>
        ))}
      </ul>
      {ids.length > shownIds && (all ? <Link to={all as string}>All {ids.length}</Link> : <p>of {ids.length}</p>)}
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
