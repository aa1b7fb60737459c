import { ApiError } from '../api/index.js';
import styles from './problem-notice.module.css';

const advice: Record<string, string> = {
  unauthenticated: 'Log in again.',
  forbidden: 'Ask somebody whose key may do this, or for a key with that scope.',
  not_found: 'It may have been removed, or it belongs to another tenant.',
  conflict: 'Reload to see its present state.',
  overloaded: 'Nothing was stored. Try again in a moment.',
  unavailable: 'Nothing was stored. Try again in a moment.',
  internal: 'Try again; if it stays, give the trace id to whoever runs this installation.',
};

/** What went wrong and what to do about it; nothing when nothing did. */
export function ProblemNotice({ error }: { error: unknown }) {
  if (error === undefined || error === null) return null;
  const { problem } = error instanceof ApiError ? error : { problem: undefined };
  const message = error instanceof Error ? error.message : String(error);
  // What has been said of the whole is not said again of its only part.
  const errors = (problem?.errors ?? []).filter((one) => one.message !== message);
  return (
    <div role="alert" className={styles.notice}>
      <p>
        <strong>{problem?.title ?? 'That did not work'}</strong>
      </p>
      <p>{message}</p>
      {errors.length > 0 && (
        <ul>
          {errors.map((one) => (
            <li key={`${one.path} ${one.message}`}>
              {one.path && <code>{one.path}</code>} {one.message}
            </li>
          ))}
        </ul>
      )}
      {problem && advice[problem.code] && <p>{advice[problem.code]}</p>}
      {problem?.trace_id && problem.status >= 500 && (
        <p>
          Trace <code>{problem.trace_id}</code>
        </p>
      )}
    </div>
  );
}
