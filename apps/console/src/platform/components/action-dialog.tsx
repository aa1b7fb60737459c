import type { ReactNode } from 'react';
import { Button } from './button.js';
import { Dialog } from './dialog.js';
import { ProblemNotice } from './problem-notice.js';

export interface ActionDialogProps {
  title: string;
  /** On the button that does it. */
  action: string;
  onAction: () => void;
  /** Nothing can be done now: something is missing, or it is under way. */
  disabled?: boolean;
  /** What cannot be taken back is `danger`. @default primary */
  variant?: 'primary' | 'danger';
  onClose: () => void;
  /** On the button that leaves everything as it is. @default Leave it */
  refusal?: string;
  /** Why it did not work, shown below the content. */
  error?: unknown;
  /** For editors. */
  wide?: boolean;
  children: ReactNode;
}

/** Something that is done after it was asked, open for as long as it is mounted. */
export function ActionDialog(props: ActionDialogProps) {
  const { title, action, onAction, disabled, variant = 'primary', onClose, refusal = 'Leave it', wide } = props;
  return (
    <Dialog
      title={title}
      wide={wide}
      open
      onOpenChange={onClose}
      actions={
        <>
          <Button onClick={onClose}>{refusal}</Button>
          <Button variant={variant} disabled={disabled} onClick={onAction}>
            {action}
          </Button>
        </>
      }
    >
      {props.children}
      <ProblemNotice error={props.error} />
    </Dialog>
  );
}
