import { useQuery } from '@tanstack/react-query';
import { api, type Answer, type ConsoleJob, type JobExplanation } from '../../api/index.js';
import { Panel, ProblemNotice, StateBadge, Time } from '../../components/index.js';
import { formatDuration } from '../../formats/index.js';
import { useSession } from '../../session/index.js';
import { AttemptLogLines } from './attempt-log.js';
import styles from './job-page.module.css';

type JobError = Answer<'/v1/jobs/{id}/error', 'get'>;

/** What became of each run, the newest first; the last error with its stack. */
export function Attempts({ job, explanation }: { job: ConsoleJob; explanation: JobExplanation }) {
  const { allows } = useSession();
  const withStack = job.error !== null && job.failures > 0 && allows('dead:redrive');
  const error = useQuery({
    queryKey: ['job', job.id, 'error'],
    queryFn: ({ signal }) => api.get<JobError>(`/v1/jobs/${job.id}/error`, { signal }),
    enabled: withStack,
  });
  const attempts = [...explanation.attempts].reverse();
  if (attempts.length === 0) return null;
  return (
    <Panel title="Attempts">
      <ol className={styles.attempts} reversed>
        {attempts.map((attempt, index) => (
          <li key={attempt.attempt}>
            <span>
              <strong>Attempt {attempt.attempt}</strong> <StateBadge state={attempt.ended ?? 'running'} />{' '}
              {formatDuration(attempt.ms)}, from <Time at={attempt.from} />
            </span>
            {attempt.worker_id && <span className={styles.soft}>on {attempt.worker_id}</span>}
            {attempt.error && (
              <span>
                <strong>{attempt.error.code}</strong>: {attempt.error.message}
              </span>
            )}
            {allows('logs:read') && <AttemptLogLines jobId={job.id} attempt={attempt.attempt} open={index === 0} />}
          </li>
        ))}
      </ol>
      <ProblemNotice error={error.error} />
      {error.data?.error?.stack && (
        <details>
          <summary>Stack of the last error</summary>
          <pre className={styles.stack} tabIndex={0}>
            {error.data.error.stack}
          </pre>
        </details>
      )}
    </Panel>
  );
}
