import { createContext, useCallback, useContext, useState, type ReactNode } from 'react';

const Announce = createContext<(text: string) => void>(() => undefined);

/** A live region for the outcomes of actions: screen readers say them, wherever the focus is. */
export function Announcer({ children }: { children: ReactNode }) {
  const [text, setText] = useState('');
  const announce = useCallback((next: string) => {
    setText('');
    // The same outcome twice in a row is said twice.
    window.setTimeout(() => setText(next), 50);
  }, []);
  return (
    <Announce value={announce}>
      {children}
      <div className="visually-hidden" role="log" aria-live="polite" aria-label="Outcomes">
        {text}
      </div>
    </Announce>
  );
}

export const useAnnounce = (): ((text: string) => void) => useContext(Announce);
