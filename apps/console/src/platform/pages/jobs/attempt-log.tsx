import { useQuery, useQueryClient } from '@tanstack/react-query';
import { useEffect, useRef, useState } from 'react';
import { api, formatJson, type Answer, type JobSummary } from '../../api/index.js';
import { Loading, ProblemNotice, Time } from '../../components/index.js';
import { formatCount } from '../../formats/index.js';
import { useLive } from '../../live/index.js';
import styles from './attempt-log.module.css';

type AttemptLog = Answer<'/v1/jobs/{id}/logs', 'get'>;

// Workers send a few times a second; nobody reads faster than this.
const shortestPauseMs = 1_000;

/** What an attempt has logged, read when it is opened; while it runs, what it says next follows by itself. */
export function AttemptLogLines({ jobId, attempt, open }: { jobId: string; attempt: number; open: boolean }) {
  const [shown, setShown] = useState(open);
  return (
    <details open={shown} onToggle={(event) => setShown(event.currentTarget.open)}>
      <summary>Log of attempt {attempt}</summary>
      {shown && <Lines jobId={jobId} attempt={attempt} />}
    </details>
  );
}

function Lines({ jobId, attempt }: { jobId: string; attempt: number }) {
  const { data, error } = useAttemptLog(jobId, attempt);
  if (!data) return error ? <ProblemNotice error={error} /> : <Loading label="Loading the log" />;
  return (
    <>
      <ol className={styles.lines} tabIndex={0} aria-label={`Log of attempt ${attempt}`}>
        {data.lines.map((line, index) => (
          <li key={index} className={styles[line.level]}>
            <span className={styles.when}>
              <Time at={line.at} /> {line.level}
            </span>{' '}
            <span className={line.source === 'ledger' ? styles.ledger : undefined}>{line.message}</span>
            {line.fields && <code className={styles.fields}> {formatJson(line.fields)}</code>}
          </li>
        ))}
      </ol>
      {data.left_out > 0 && (
        <p className={styles.leftOut}>
          {formatCount(data.left_out)} lines left out: the attempt said more than is kept.
        </p>
      )}
    </>
  );
}

function useAttemptLog(jobId: string, attempt: number) {
  const queries = useQueryClient();
  const queryKey = ['job', jobId, 'log', attempt];
  const waiting = useRef<number>(undefined);
  useEffect(() => () => window.clearTimeout(waiting.current), []);
  useLive<{ jobs: JobSummary[] }>('jobs', ({ jobs }) => {
    if (waiting.current !== undefined || !jobs.some(({ id }) => id === jobId)) return;
    waiting.current = window.setTimeout(() => {
      waiting.current = undefined;
      void queries.invalidateQueries({ queryKey });
    }, shortestPauseMs);
  });
  return useQuery({
    queryKey,
    queryFn: async ({ signal }) => {
      const known = queries.getQueryData<AttemptLog>(queryKey);
      const query = { attempt, after: known?.next };
      const fresh = await api.get<AttemptLog>(`/v1/jobs/${jobId}/logs`, { query, signal });
      return known ? joined(known, fresh) : fresh;
    },
  });
}

/** What was known and what came since. What the ledger says comes whole every time. */
function joined(known: AttemptLog, fresh: AttemptLog): AttemptLog {
  const said = known.lines.filter(({ source }) => source === 'attempt');
  const lines = [...said, ...fresh.lines].sort((a, b) => a.at.localeCompare(b.at));
  return { ...fresh, lines, left_out: Math.max(known.left_out, fresh.left_out) };
}
