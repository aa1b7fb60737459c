import { useEffect, type ReactNode } from 'react';
import styles from './page.module.css';

export interface PageProps {
  title: string;
  /** Buttons and links beside the title. */
  actions?: ReactNode;
  /** A line below the title. */
  summary?: ReactNode;
  children: ReactNode;
}

/** A page's heading, its title in the browser, its content. */
export function Page({ title, actions, summary, children }: PageProps) {
  useEffect(() => {
    document.title = `${title} · Roundhouse`;
  }, [title]);
  return (
    <div className={styles.page}>
      <div className={styles.head}>
        <h1>{title}</h1>
        {actions && <div className={styles.actions}>{actions}</div>}
      </div>
      {summary && <p className={styles.summary}>{summary}</p>}
      {children}
    </div>
  );
}

/** A framed part of a page. */
export function Panel({ title, actions, children }: { title?: string; actions?: ReactNode; children: ReactNode }) {
  return (
    <section className={styles.panel} aria-label={title}>
      {(title || actions) && (
        <div className={styles.head}>
          {title && <h2>{title}</h2>}
          {actions && <div className={styles.actions}>{actions}</div>}
        </div>
      )}
      {children}
    </section>
  );
}
