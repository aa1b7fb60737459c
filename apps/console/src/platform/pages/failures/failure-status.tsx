import { Age, StateBadge, Time } from '../../components/index.js';
import type { DeadGroup } from './dead-group.js';
import styles from './failures-page.module.css';

/** Where a cause of death stands, and who said so, why and until when. */
export function FailureStatus({ group: { status, muted, resolved } }: { group: DeadGroup }) {
  return (
    <>
      <StateBadge state={status} />
      {muted && (
        <small className={styles.mark}>
          by {muted.by}: {muted.reason};{' '}
          {muted.until ? (
            <>
              until <Time at={muted.until} />
            </>
          ) : (
            'until somebody ends it'
          )}
        </small>
      )}
      {!muted && resolved && (
        <small className={styles.mark}>
          {status === 'recurred' ? 'after it was resolved' : 'resolved'} by {resolved.by} <Age at={resolved.at} />
          {resolved.reason && `: ${resolved.reason}`}
        </small>
      )}
    </>
  );
}
