import { useSyncExternalStore } from 'react';

/** Choices of the person at this browser; they survive reloads. */
interface Preferences {
  theme: 'system' | 'light' | 'dark';
  /** An IANA name; 'local': the browser's. */
  timeZone: string;
}

const storageKey = 'roundhouse.preferences';
const defaults: Preferences = { theme: 'system', timeZone: 'local' };
const listeners = new Set<() => void>();
let current = read();

function read(): Preferences {
  try {
    return { ...defaults, ...(JSON.parse(localStorage.getItem(storageKey) ?? '{}') as Partial<Preferences>) };
  } catch {
    return defaults; // written by somebody else, or storage is forbidden
  }
}

function set(change: Partial<Preferences>): void {
  current = { ...current, ...change };
  try {
    localStorage.setItem(storageKey, JSON.stringify(current));
  } catch {
    // Storage is forbidden: the choice holds until the page is left.
  }
  applyTheme();
  for (const listener of listeners) listener();
}

function subscribe(listener: () => void): () => void {
  listeners.add(listener);
  return () => listeners.delete(listener);
}

// Another tab of this browser.
window.addEventListener('storage', ({ key }) => {
  if (key !== storageKey) return;
  current = read();
  applyTheme();
  for (const listener of listeners) listener();
});

export function applyTheme(): void {
  const { dataset } = document.documentElement;
  if (current.theme === 'system') delete dataset.theme;
  else dataset.theme = current.theme;
}

export function usePreferences(): [Preferences, (change: Partial<Preferences>) => void] {
  return [useSyncExternalStore(subscribe, () => current), set];
}

/** The time zone in which times are shown. */
export function useTimeZone(): string {
  const [{ timeZone }] = usePreferences();
  return timeZone === 'local' ? Intl.DateTimeFormat().resolvedOptions().timeZone : timeZone;
}
