import { useId, type HTMLInputTypeAttribute } from 'react';
import styles from './field.module.css';

export interface TextFieldProps {
  label: string;
  value: string;
  onChange: (value: string) => void;
  /** What is wrong with the value. */
  error?: string;
  /** What to enter. */
  hint?: string;
  /** Several lines. */
  rows?: number;
  type?: HTMLInputTypeAttribute;
  name?: string;
  placeholder?: string;
  autoComplete?: string;
  required?: boolean;
  autoFocus?: boolean;
  /** Of code: fixed width, no corrections. */
  code?: boolean;
}

export function TextField({ label, value, onChange, error, hint, rows, code, ...rest }: TextFieldProps) {
  const id = useId();
  const described = [error && `${id}-error`, hint && `${id}-hint`].filter(Boolean).join(' ') || undefined;
  const common = {
    id,
    value,
    className: code ? `${styles.input} ${styles.code}` : styles.input,
    'aria-invalid': error ? true : undefined,
    'aria-describedby': described,
    spellCheck: code ? false : undefined,
  };
  return (
    <div className={styles.field}>
      <label htmlFor={id}>{label}</label>
      {rows ? (
        <textarea
          {...common}
          {...{ ...rest, type: undefined }}
          rows={rows}
          onChange={(e) => onChange(e.target.value)}
        />
      ) : (
        <input {...common} {...rest} onChange={(event) => onChange(event.target.value)} />
      )}
      {hint && (
        <span id={`${id}-hint`} className={styles.hint}>
          {hint}
        </span>
      )}
      {error && (
        <span id={`${id}-error`} className={styles.error}>
          {error}
        </span>
      )}
    </div>
  );
}
