import { useNavigate, useParams, useSearch } from '@tanstack/react-router';
import { useCallback } from 'react';

export type UrlState = Readonly<Record<string, string | undefined>>;

/**
 * The page's state lives in its URL, so that a link shows what its sender saw. `change` keeps what it does not name;
 * `undefined` removes.
 */
export function useUrlState(): [UrlState, (change: UrlState, options?: { replace?: boolean }) => void] {
  const state = useSearch({ strict: false }) as UrlState;
  const navigate = useNavigate();
  const change = useCallback(
    (next: UrlState, { replace = false } = {}) => {
      void navigate({
        to: '.',
        search: ((before: UrlState) => ({ ...before, ...next })) as never,
        replace,
        resetScroll: false,
      });
    },
    [navigate],
  );
  return [state, change];
}

/** A parameter of the page's path. */
export function usePathParameter(name: string): string {
  const parameters = useParams({ strict: false }) as Record<string, string | undefined>;
  const value = parameters[name];
  if (value === undefined) throw new Error(`The path of this page has no parameter ${name}`);
  return value;
}
