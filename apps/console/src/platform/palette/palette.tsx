import { Dialog } from '@base-ui/react/dialog';
import { useQuery } from '@tanstack/react-query';
import { useNavigate } from '@tanstack/react-router';
import { useId, useState, type KeyboardEvent } from 'react';
import { api, type Answer } from '../api/index.js';
import { ProblemNotice } from '../components/index.js';
import { isFingerprint, isId } from '../formats/index.js';
import { useSections } from '../navigation/index.js';
import { useSavedViews } from '../preferences/index.js';
import { useSession } from '../session/index.js';
import { entriesFor, foundEntries, type Entry } from './entries.js';
import styles from './palette.module.css';

/** One field that leads to any page, saved view, or whatever has the id that is pasted into it. */
export default function Palette({ onClose }: { onClose: () => void }) {
  const [text, setText] = useState('');
  const { entries, isPending, error } = useEntries(text);
  const [chosen, setChosen] = useState(0);
  const active = Math.min(chosen, entries.length - 1);
  const navigate = useNavigate();
  const id = useId();
  const optionId = (index: number) => `${id}-${index}`;

  const go = ({ to, search = {} }: Entry) => {
    onClose();
    void navigate({ to, search: search as never });
  };
  const press = (event: KeyboardEvent) => {
    const step = { ArrowDown: 1, ArrowUp: -1 }[event.key];
    const entry = entries[active];
    if (step && entries.length > 0) {
      const next = (active + step + entries.length) % entries.length;
      setChosen(next);
      document.getElementById(optionId(next))?.scrollIntoView({ block: 'nearest' });
    } else if (event.key === 'Enter' && entry) go(entry);
    else return;
    event.preventDefault();
  };
  return (
    <Dialog.Root open onOpenChange={onClose}>
      <Dialog.Portal>
        <Dialog.Backdrop className={styles.backdrop} />
        <Dialog.Popup className={styles.popup}>
          <Dialog.Title className="visually-hidden">Go to</Dialog.Title>
          <input
            type="text"
            role="combobox"
            aria-label="Page, saved view, id or search"
            aria-expanded="true"
            aria-controls={`${id}-list`}
            aria-autocomplete="list"
            aria-activedescendant={entries.length > 0 ? optionId(active) : undefined}
            placeholder="Page, saved view, any id, or a search"
            autoComplete="off"
            spellCheck={false}
            className={styles.input}
            value={text}
            onChange={(event) => {
              setText(event.target.value);
              setChosen(0);
            }}
            onKeyDown={press}
          />
          <ProblemNotice error={error} />
          <p role="status" className={entries.length === 0 ? styles.nothing : 'visually-hidden'}>
            {isPending ? 'Looking …' : outcome(entries.length)}
          </p>
          <ul id={`${id}-list`} role="listbox" aria-label="Places" className={styles.list}>
            {entries.map((entry, index) => (
              <li
                key={entry.key}
                id={optionId(index)}
                role="option"
                aria-selected={index === active}
                className={styles.entry}
                onMouseMove={() => setChosen(index)}
                onClick={() => go(entry)}
              >
                <span className={styles.label}>{entry.label}</span>
                <span className={styles.detail}>{entry.detail}</span>
                {entry.shortcut && <kbd className={styles.key}>{entry.shortcut}</kbd>}
              </li>
            ))}
          </ul>
        </Dialog.Popup>
      </Dialog.Portal>
    </Dialog.Root>
  );
}

function outcome(count: number): string {
  if (count === 0) return 'Nothing of this tenant has this id.';
  return count === 1 ? 'One place' : `${count} places`;
}

function useEntries(text: string): { entries: Entry[]; isPending: boolean; error: unknown } {
  const sections = useSections();
  const { tenant } = useSession();
  const { views } = useSavedViews(tenant);
  const pasted = text.trim();
  const looks = isId(pasted) || isFingerprint(pasted);
  const find = useQuery({
    queryKey: ['find', pasted],
    queryFn: ({ signal }) =>
      api.get<Answer<'/v1/console/find', 'get'>>('/v1/console/find', { query: { id: pasted }, signal }),
    enabled: looks,
  });
  if (looks)
    return { entries: foundEntries(find.data?.found ?? [], sections), isPending: find.isPending, error: find.error };
  return { entries: entriesFor(text, sections, views), isPending: false, error: undefined };
}
