import { useId, type RefObject } from 'react';
import styles from './mesh.module.css';

/** The browser's own file input. */
export function FileField({
  label,
  input,
  multiple,
}: {
  label: string;
  input: RefObject<HTMLInputElement | null>;
  multiple?: boolean;
}) {
  const id = useId();
  return (
    <div className={styles.file}>
      <label htmlFor={id}>{label}</label>
      <input id={id} ref={input} type="file" accept="image/*" multiple={multiple} required />
    </div>
  );
}
