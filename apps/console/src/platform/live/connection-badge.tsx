import styles from './connection-badge.module.css';
import { useConnection } from './use-live.js';

const texts = {
  connecting: 'connecting',
  open: 'live',
  reconnecting: 'reconnecting',
  stopped: 'not live',
} as const;

/** Whether what is shown follows the ledger. */
export function ConnectionBadge() {
  const state = useConnection();
  return (
    <span className={styles.badge} data-state={state} role="status">
      {texts[state]}
    </span>
  );
}
