import { readTime } from '../../formats/index.js';
import type { UrlState } from '../../navigation/index.js';

/** Which deaths are meant, as the REST API takes it. */
export interface DeadFilter {
  fingerprint?: string;
  kind?: string;
  queue?: string;
  code?: string;
  since?: string;
  until?: string;
}

export const filterNames = ['kind', 'queue', 'code', 'since'] as const;

// What "an hour ago" means while the page is open: it must not move with every drawing of it.
const openedAt = Date.now();

/** What the URL says; a time or age that is none is left out, as a link may come from anywhere. */
export function filterOf(url: UrlState, fingerprint?: string): DeadFilter {
  const { kind, queue, code, since } = url;
  const at = since ? readTime(since, openedAt)?.toISOString() : undefined;
  const given = { fingerprint, kind, queue, code, since: at };
  return Object.fromEntries(Object.entries(given).filter(([, value]) => value)) as DeadFilter;
}

export const describeFilter = (filter: DeadFilter): string =>
  Object.entries(filter)
    .map(([name, value]) => `${name} ${value}`)
    .join(', ') || 'every dead job';
