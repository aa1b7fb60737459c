import styles from './loading.module.css';

/** Grey bars where content will be. */
export function Loading({ label = 'Loading', rows = 4 }: { label?: string; rows?: number }) {
  return (
    <div className={styles.loading} role="status">
      <span className="visually-hidden">{label} …</span>
      {Array.from({ length: rows }, (_, row) => (
        <span key={row} className={styles.bar} />
      ))}
    </div>
  );
}

export function PageLoading() {
  return (
    <div className={styles.page}>
      <Loading label="Loading the page" />
    </div>
  );
}
