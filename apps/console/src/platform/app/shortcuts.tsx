import { useEffect, useState } from 'react';
import { Dialog } from '../components/index.js';
import { useSections } from '../navigation/index.js';
import { paletteKeys } from '../palette/index.js';
import styles from './shortcuts.module.css';

// How long "g" waits for its second key.
const patienceMs = 1_500;

const isTyping = (target: EventTarget | null): boolean =>
  target instanceof HTMLElement && (target.isContentEditable || /^(INPUT|TEXTAREA|SELECT)$/.test(target.tagName));

const isPaletteKey = ({ key, ctrlKey, metaKey, altKey, shiftKey }: KeyboardEvent): boolean =>
  key.toLowerCase() === 'k' && ctrlKey !== metaKey && !altKey && !shiftKey;

export interface ShortcutsProps {
  go: (to: string) => void;
  openPalette: () => void;
}

/** Keys that work on every page: Ctrl K finds anything, "g" and a letter goes somewhere, "/" searches, "?" lists them. */
export function Shortcuts({ go, openPalette }: ShortcutsProps) {
  const [open, setOpen] = useState(false);
  const sections = useSections();
  useEffect(() => {
    const destinations = sections.flatMap(({ navigation }) => navigation);
    let waitingUntil = 0;
    const press = (event: KeyboardEvent) => {
      // A dialog asks something: first the answer.
      if (document.querySelector('[role=dialog]')) return;
      if (isPaletteKey(event)) {
        event.preventDefault();
        return openPalette();
      }
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
  }, [go, openPalette, sections]);
  return (
    <Dialog title="Keyboard shortcuts" wide open={open} onOpenChange={setOpen}>
      <div className={styles.sheet}>
        <Group
          title="Everywhere"
          keys={[
            [paletteKeys, 'Go to a page, a saved view, or any id'],
            ['/', 'Search on this page'],
            ['?', 'This list'],
          ]}
        />
        {sections.map(({ title, navigation }) => (
          <Group
            key={title}
            title={title}
            keys={navigation.flatMap(({ key, label }) => (key ? [[`g ${key}`, label] as const] : []))}
          />
        ))}
      </div>
    </Dialog>
  );
}

function Group({ title, keys }: { title: string; keys: readonly (readonly [string, string])[] }) {
  if (keys.length === 0) return null;
  return (
    <section aria-label={title}>
      <h3>{title}</h3>
      <dl className={styles.list}>
        {keys.map(([combination, label]) => (
          <div key={combination}>
            <dt>
              {combination.split(' ').map((key) => (
                <kbd key={key}>{key}</kbd>
              ))}
            </dt>
            <dd>{label}</dd>
          </div>
        ))}
      </dl>
    </section>
  );
}
