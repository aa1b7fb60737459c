import { useMemo, useSyncExternalStore } from 'react';

/** A search of the jobs list under a name. */
export interface SavedView {
  name: string;
  /** As it is typed into the search, and as it stands in the URL. */
  query: string;
}

export const mostViews = 50;
export const longestName = 60;

const storageKey = (tenant: string) => `roundhouse.views.${tenant}`;
const none: readonly SavedView[] = [];
const listeners = new Set<() => void>();
// What was read last: the same text is the same list, or every reading would draw the page again.
const known = new Map<string, { text: string; views: readonly SavedView[] }>();

const isView = (value: unknown): value is SavedView => {
  const { name, query } = (value ?? {}) as Partial<SavedView>;
  return typeof name === 'string' && typeof query === 'string';
};

function read(tenant: string): readonly SavedView[] {
  try {
    const text = localStorage.getItem(storageKey(tenant)) ?? '[]';
    const last = known.get(tenant);
    if (last?.text === text) return last.views;
    const value: unknown = JSON.parse(text);
    const views = Array.isArray(value) ? value.filter(isView) : none;
    known.set(tenant, { text, views });
    return views;
  } catch {
    return none; // written by somebody else, or storage is forbidden
  }
}

function write(tenant: string, views: readonly SavedView[]): void {
  localStorage.setItem(storageKey(tenant), JSON.stringify(views));
  for (const listener of listeners) listener();
}

function subscribe(listener: () => void): () => void {
  listeners.add(listener);
  window.addEventListener('storage', listener); // another tab of this browser
  return () => {
    listeners.delete(listener);
    window.removeEventListener('storage', listener);
  };
}

/** The views that the person at this browser has saved for a tenant. Saving throws where storage is forbidden or full. */
export function useSavedViews(tenant: string) {
  const views = useSyncExternalStore(subscribe, () => read(tenant));
  return useMemo(
    () => ({
      views,
      /** One of the same name is replaced. */
      save: (view: SavedView) => write(tenant, [...read(tenant).filter(({ name }) => name !== view.name), view]),
      remove: (name: string) =>
        write(
          tenant,
          read(tenant).filter((view) => view.name !== name),
        ),
    }),
    [tenant, views],
  );
}
