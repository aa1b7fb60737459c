import type { Answer } from '../../api/types.js';
import type { SavedView } from '../saved-views.js';
import type { Section } from '../sections.js';

/** Somewhere to go. */
export interface Entry {
  key: string;
  label: string;
  /** What kind of place it is, or where it belongs. */
  detail: string;
  to: string;
  /** Search of the jobs list. */
  query?: string;
  /** Keys that lead there as well. */
  shortcut?: string;
}

export type Found = Answer<'/v1/console/find', 'get'>['found'][number];

const folders: Record<Found['type'], string> = {
  job: '/jobs',
  batch: '/batches',
  workflow: '/workflows',
  schedule: '/schedules',
  redrive: '/redrives',
  failure: '/failures',
};

const titled = (text: string): string => text.slice(0, 1).toUpperCase() + text.slice(1);

/** What has the id that was pasted. */
export const foundEntries = (found: readonly Found[]): Entry[] =>
  found.map(({ type, id, name, state }) => ({
    key: `${type} ${id}`,
    label: `${titled(type)} ${name || id}`,
    detail: state ?? `…${id.slice(-12)}`,
    to: `${folders[type]}/${id}`,
  }));

/** Every place that has all words of the text, those that begin with it first; and a search for the text itself. */
export function entriesFor(text: string, sections: readonly Section[], views: readonly SavedView[]): Entry[] {
  const wanted = text.trim().toLowerCase();
  const words = wanted.split(/\s+/).filter(Boolean);
  const fits = ({ label, detail }: Entry) => words.every((word) => `${label} ${detail}`.toLowerCase().includes(word));
  const begins = ({ label }: Entry) => (label.toLowerCase().startsWith(wanted) ? 0 : 1);
  const places = [...viewEntries(views), ...pageEntries(sections)].filter(fits).sort((a, b) => begins(a) - begins(b));
  return wanted === '' ? places : [...places, searchEntry(text.trim())];
}

const viewEntries = (views: readonly SavedView[]): Entry[] =>
  views.map(({ name, query }) => ({ key: `view ${name}`, label: name, detail: 'Saved view', to: '/jobs', query }));

const pageEntries = (sections: readonly Section[]): Entry[] =>
  sections.flatMap(({ title, navigation }) =>
    navigation.map(({ to, label, key }) => ({
      key: to,
      label,
      detail: title === label ? 'Page' : title,
      to,
      shortcut: key && `g ${key}`,
    })),
  );

const searchEntry = (text: string): Entry => ({
  key: 'search',
  label: `Search jobs: ${text}`,
  detail: 'Jobs',
  to: '/jobs',
  query: text,
});
