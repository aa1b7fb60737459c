import styles from './state-badge.module.css';

const tones: Record<string, string> = {
  scheduled: 'violet',
  queued: 'calm',
  running: 'busy',
  retrying: 'warn',
  blocked: 'warn',
  succeeded: 'good',
  dead: 'bad',
  cancelled: 'calm',
  // Of what people follow: imports, exports.
  pending: 'calm',
  processing: 'busy',
  completed: 'good',
  failed: 'bad',
  // Of causes of death.
  open: 'bad',
  recurred: 'bad',
  muted: 'calm',
  resolved: 'good',
};

/** A job's state: its word, and a colour that says the same. */
export function StateBadge({ state }: { state: string }) {
  return (
    <span className={styles.badge} data-tone={tones[state] ?? 'calm'}>
      {state}
    </span>
  );
}
