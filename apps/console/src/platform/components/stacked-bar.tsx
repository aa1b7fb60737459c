import styles from './stacked-bar.module.css';

export interface BarPart {
  key: string;
  label: string;
  value: number;
  /** Colour of the theme, 1 … 8. */
  series: number;
}

/** Parts of a whole, in order. The figures are in a table beside it: this picture says nothing to a screen reader. */
export function StackedBar({ parts }: { parts: readonly BarPart[] }) {
  const total = parts.reduce((sum, { value }) => sum + value, 0);
  if (total <= 0) return null;
  return (
    <div className={styles.bar} aria-hidden="true">
      {parts.map(({ key, label, value, series }) => (
        <span
          key={key}
          title={label}
          className={styles.part}
          style={{ flexGrow: value / total, backgroundColor: `var(--series-${series})` }}
        />
      ))}
    </div>
  );
}

/** The colour of a part, beside its name. */
export function Swatch({ series }: { series: number }) {
  return <span className={styles.swatch} aria-hidden="true" style={{ backgroundColor: `var(--series-${series})` }} />;
}
