import { useQuery } from '@tanstack/react-query';
import { Link } from '@tanstack/react-router';
import { api, finalStates, useSettings, type ConsoleJob, type JobExplanation } from '../../api/index.js';
import {
  Age,
  Facts,
  Loading,
  Page,
  Panel,
  ProblemNotice,
  ProgressBar,
  StateBadge,
  Time,
  useNow,
} from '../../components/index.js';
import { usePathParameter } from '../../navigation/index.js';
import { Attempts } from './attempts.js';
import { JobActions } from './job-actions.js';
import { JobLinks } from './job-links.js';
import { Payload } from './payload.js';
import styles from './job-page.module.css';
import { Sentence } from './sentence.js';
import { TimeAccount } from './time-account.js';

// Changes of state come by themselves; this is for "waiting 4 min" and places in a queue.
const explainAgainMs = 15_000;

export default function JobPage() {
  const id = usePathParameter('id');
  const job = useQuery({
    queryKey: ['job', id, 'page'],
    queryFn: ({ signal }) => api.get<ConsoleJob>(`/v1/console/jobs/${id}`, { signal }),
  });
  const isFinal = job.data !== undefined && finalStates.includes(job.data.state);
  const explanation = useQuery({
    queryKey: ['job', id, 'explanation'],
    queryFn: ({ signal }) => api.get<JobExplanation>(`/v1/jobs/${id}/explain`, { signal }),
    enabled: job.data !== undefined,
    refetchInterval: isFinal ? false : explainAgainMs,
  });
  if (!job.data)
    return (
      <Page title="Job">{job.error ? <ProblemNotice error={job.error} /> : <Loading label="Loading the job" />}</Page>
    );
  return (
    <Page
      key={id}
      title={job.data.title ?? job.data.kind}
      actions={<JobActions job={job.data} />}
      summary={<code className={styles.id}>{id}</code>}
    >
      <Why job={job.data} explanation={explanation.data} />
      <Overview job={job.data} />
      <ProblemNotice error={explanation.error} />
      {explanation.data && (
        <>
          <TimeAccount explanation={explanation.data} />
          <Attempts job={job.data} explanation={explanation.data} />
        </>
      )}
      <JobLinks job={job.data} />
      <Payload job={job.data} />
    </Page>
  );
}

/** The state, and one sentence that says why. */
function Why({ job, explanation }: { job: ConsoleJob; explanation: JobExplanation | undefined }) {
  const why = explanation?.why.replace(/^Nothing: it/, 'It');
  const related = explanation?.related ?? [];
  // Those that the sentence names are links in it.
  const unnamed = related.filter(({ job_id: other }) => !explanation?.why.includes(other));
  return (
    <Panel>
      <p className={styles.why}>
        <StateBadge state={job.state} />{' '}
        <span role="status">{why && <Sentence text={why} jobs={related.map(({ job_id: other }) => other)} />}</span>
      </p>
      {explanation?.eta && <Estimate eta={explanation.eta} />}
      {unnamed.length > 0 && (
        <p>
          {unnamed[0]?.rel === 'holder' ? 'Held by' : 'Waits for'}{' '}
          {unnamed.map(({ job_id: other }, index) => (
            <span key={other}>
              {index > 0 && ', '}
              <Link to={`/jobs/${other}` as string}>job {other.slice(-12)}</Link>
            </span>
          ))}
        </p>
      )}
      {job.state === 'running' && job.progress && (
        <ProgressBar percent={job.progress.percent} label={job.progress.message || 'in progress'} />
      )}
      {job.error && job.state !== 'succeeded' && job.state !== 'dead' && (
        <p className={styles.error}>
          <strong>{job.error.code}</strong>
          {job.error.field && <code> {job.error.field}</code>}: {job.error.message}
        </p>
      )}
    </Panel>
  );
}

/** A range that is over, or shrunk to the present moment, was wrong: saying so helps more than showing it. */
function Estimate({ eta: { earliest, latest, by } }: { eta: NonNullable<JobExplanation['eta']> }) {
  const now = useNow();
  const own = by === 'progress';
  if (earliest === latest || Date.parse(latest) <= now)
    return <p>It takes longer than {own ? 'its progress promised' : 'recent jobs of its kind have taken'}.</p>;
  return (
    <p>
      Done between <Time at={earliest} /> and <Time at={latest} />, going by{' '}
      {own ? 'how far it has come' : 'recent jobs of its kind'}.
    </p>
  );
}

function Overview({ job }: { job: ConsoleJob }) {
  const settings = useSettings();
  const trace = job.trace_id && settings?.trace_url?.replace('{trace_id}', job.trace_id);
  return (
    <Panel title="Facts">
      <Facts
        facts={[
          ['Kind', <Link to={`/jobs?q=kind:${job.kind}` as string}>{job.kind}</Link>],
          ['Queue', job.queue],
          ['Accepted', <Moment at={job.created_at} />],
          ['Runs from', isLater(job.run_at, job.created_at) && <Moment at={job.run_at} />],
          ['Started', job.started_at && <Moment at={job.started_at} />],
          ['Ended', job.finished_at && <Moment at={job.finished_at} />],
          ['Runs so far', `${job.attempt}, of which ${job.failures} failed`],
          ['Worker', job.worker_id],
          [
            'Trace',
            trace ? (
              <a href={trace} target="_blank" rel="noreferrer">
                {job.trace_id}
              </a>
            ) : (
              <code>{job.trace_id}</code>
            ),
          ],
          [
            'Cause of death',
            job.fingerprint && <Link to={`/failures/${job.fingerprint}` as string}>{job.fingerprint}</Link>,
          ],
          ['Discarded', job.discarded_at && <Moment at={job.discarded_at} />],
        ]}
      />
    </Panel>
  );
}

/** Whether it was to wait when it was accepted; within a second is at once. */
const isLater = (runAt: string | null, createdAt: string | null): boolean =>
  Date.parse(runAt ?? '') - Date.parse(createdAt ?? '') > 1_000;

function Moment({ at }: { at: string | null }) {
  return (
    <>
      <Time at={at} /> (<Age at={at} />)
    </>
  );
}
