import { useEffect, useState } from 'react';
import { Dialog } from '../components/dialog.js';
import { sections } from './sections.js';
import styles from './shortcuts.module.css';

// How long "g" waits for its second key.
const patienceMs = 1_500;

const destinations = sections.flatMap(({ navigation }) =>
  navigation.flatMap(({ to, label, key }) => (key ? [{ to, label, key }] : [])),
);

const isTyping = (target: EventTarget | null): boolean =>
  target instanceof HTMLElement && (target.isContentEditable || /^(INPUT|TEXTAREA|SELECT)$/.test(target.tagName));

/** Keys that work on every page: "g" and a letter goes somewhere, "/" searches, "?" lists them. */
export function Shortcuts({ go }: { go: (to: string) => void }) {
  const [open, setOpen] = useState(false);
  useEffect(() => {
    let waitingUntil = 0;
    const press = (event: KeyboardEvent) => {
      if (event.ctrlKey || event.metaKey || event.altKey || isTyping(event.target)) return;
      const destination = Date.now() < waitingUntil && destinations.find(({ key }) => key === event.key);
      waitingUntil = event.key === 'g' && !destination ? Date.now() + patienceMs : 0;
      if (destination) go(destination.to);
      else if (event.key === '?') setOpen(true);
      else if (event.key === '/') document.querySelector<HTMLElement>('[data-search]')?.focus();
      else return;
      event.preventDefault();
    };
    window.addEventListener('keydown', press);
    return () => window.removeEventListener('keydown', press);
  }, [go]);
  return (
    <Dialog title="Keyboard shortcuts" open={open} onOpenChange={setOpen}>
      <dl className={styles.list}>
        {destinations.map(({ key, label }) => (
          <div key={key}>
            <dt>
              <kbd>g</kbd> <kbd>{key}</kbd>
            </dt>
            <dd>{label}</dd>
          </div>
        ))}
        <div>
          <dt>
            <kbd>/</kbd>
          </dt>
          <dd>Search on this page</dd>
        </div>
        <div>
          <dt>
            <kbd>?</kbd>
          </dt>
          <dd>This list</dd>
        </div>
      </dl>
    </Dialog>
  );
}
