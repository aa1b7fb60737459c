import styles from './progress-bar.module.css';

/** How far something is; undefined: it goes on, nobody knows how far. */
export function ProgressBar({ percent, label }: { percent: number | undefined; label: string }) {
  return (
    <div className={styles.frame}>
      <progress className={styles.bar} max={100} value={percent} aria-label={label} />
      <span className={styles.text}>
        {percent === undefined ? '' : `${Math.round(percent)} %`} {label}
      </span>
    </div>
  );
}
