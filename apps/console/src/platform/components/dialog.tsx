import { Dialog as Base } from '@base-ui/react/dialog';
import type { ReactNode } from 'react';
import { Button } from './button.js';
import styles from './dialog.module.css';

export interface DialogProps {
  title: string;
  open: boolean;
  onOpenChange: (open: boolean) => void;
  children: ReactNode;
  /** Buttons of the foot; "Close" when there are none. */
  actions?: ReactNode;
  /** For editors. */
  wide?: boolean;
}

/** A question or form over the page. Escape closes it; focus goes back to where it was. */
export function Dialog({ title, open, onOpenChange, children, actions, wide }: DialogProps) {
  return (
    <Base.Root open={open} onOpenChange={(next) => onOpenChange(next)}>
      <Base.Portal>
        <Base.Backdrop className={styles.backdrop} />
        <Base.Popup className={wide ? `${styles.popup} ${styles.wide}` : styles.popup}>
          <Base.Title className={styles.title}>{title}</Base.Title>
          <div className={styles.body}>{children}</div>
          <div className={styles.actions}>{actions ?? <Button onClick={() => onOpenChange(false)}>Close</Button>}</div>
        </Base.Popup>
      </Base.Portal>
    </Base.Root>
  );
}
