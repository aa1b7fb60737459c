import { useState, type FormEvent } from 'react';
import { Button, Dialog, TextField, useAnnounce } from '../../components/index.js';
import { longestName, mostViews, useSavedViews } from '../../preferences/index.js';
import { useSession } from '../../session/index.js';
import styles from './query-bar.module.css';

export interface SavedViewsProps {
  /** The search that is shown. */
  query: string;
  /** It is one of those that are always offered, or cannot be understood: there is nothing to save. */
  fixed: boolean;
  onChosen: (query: string) => void;
}

/** Searches that the person has saved, beside those that are always offered. */
export function SavedViews({ query, fixed, onChosen }: SavedViewsProps) {
  const { tenant } = useSession();
  const { views, remove } = useSavedViews(tenant);
  const announce = useAnnounce();
  const [saving, setSaving] = useState(false);
  const shown = views.find((view) => view.query === query);
  return (
    <>
      {views.map(({ name, query: saved }) => (
        <Button
          key={name}
          className={styles.shortcut}
          aria-pressed={saved === query}
          title={saved}
          onClick={() => onChosen(saved)}
        >
          {name}
        </Button>
      ))}
      {shown ? (
        <Button
          variant="plain"
          className={styles.shortcut}
          onClick={() => {
            remove(shown.name);
            announce(`The view ${shown.name} is forgotten`);
          }}
        >
          Forget this view
        </Button>
      ) : (
        !fixed && (
          <Button variant="plain" className={styles.shortcut} onClick={() => setSaving(true)}>
            Save as a view
          </Button>
        )
      )}
      {saving && <SaveView query={query} onClose={() => setSaving(false)} />}
    </>
  );
}

function SaveView({ query, onClose }: { query: string; onClose: () => void }) {
  const { tenant } = useSession();
  const { views, save } = useSavedViews(tenant);
  const announce = useAnnounce();
  const [typed, setTyped] = useState('');
  const [failure, setFailure] = useState<string>();
  const name = typed.trim();
  const taken = views.some((view) => view.name === name);
  const fault = faultOf(name, taken, views.length) ?? failure;
  const submit = (event: FormEvent) => {
    event.preventDefault();
    if (name === '' || fault) return;
    try {
      save({ name, query });
      announce(`The view ${name} is saved`);
      onClose();
    } catch {
      setFailure('This browser does not let the page keep anything; the address of the page can be kept instead.');
    }
  };
  return (
    <Dialog
      title="Save as a view"
      open
      onOpenChange={onClose}
      actions={
        <>
          <Button onClick={onClose}>Leave it</Button>
          <Button variant="primary" type="submit" form="save-view" disabled={name === '' || fault !== undefined}>
            Save
          </Button>
        </>
      }
    >
      <form id="save-view" className={styles.save} onSubmit={submit}>
        <code className={styles.query}>{query}</code>
        <TextField
          label="Name"
          hint={
            taken
              ? 'There is a view of this name: it is replaced.'
              : 'Kept in this browser. To pass it on, send the address of this page.'
          }
          value={typed}
          onChange={setTyped}
          error={fault}
          autoFocus
        />
      </form>
    </Dialog>
  );
}

function faultOf(name: string, taken: boolean, count: number): string | undefined {
  if (name.length > longestName) return `At most ${longestName} characters`;
  if (!taken && count >= mostViews) return `There are ${mostViews} views: forget one first`;
  return undefined;
}
