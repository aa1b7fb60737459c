import { Link } from '@tanstack/react-router';
import type { ReactNode } from 'react';
import styles from './tile.module.css';

export interface TileProps {
  label: string;
  value: ReactNode;
  /** A line that says more. */
  detail?: ReactNode;
  /** Worth a look. */
  tone?: 'bad' | 'warn';
  /** Where more about it is. */
  to?: string;
}

/** A figure that matters, and where to go from it. */
export function Tile({ label, value, detail, tone, to }: TileProps) {
  const content = (
    <>
      <span className={styles.label}>{label}</span>
      <span className={styles.value}>{value}</span>
      {detail && <span className={styles.detail}>{detail}</span>}
    </>
  );
  return to ? (
    <Link to={to} className={styles.tile} data-tone={tone}>
      {content}
    </Link>
  ) : (
    <div className={styles.tile} data-tone={tone}>
      {content}
    </div>
  );
}

export function Tiles({ children }: { children: ReactNode }) {
  return <div className={styles.tiles}>{children}</div>;
}
