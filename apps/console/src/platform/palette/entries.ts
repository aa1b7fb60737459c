import type { Answer } from '../api/types.js';
import type { SavedView } from '../preferences/saved-views.js';
import type { Section } from '../navigation/section.js';

/** Somewhere to go. */
export interface Entry {
  key: string;
  label: string;
  /** What kind of place it is, or where it belongs. */
  detail: string;
  to: string;
  /** State of that page: the search of the jobs list, the user of an account. */
  search?: Record<string, string>;
  /** Keys that lead there as well. */
  shortcut?: string;
}

export type Found = Answer<'/v1/console/find', 'get'>['found'][number];

const inFolder =
  (folder: string) =>
  ({ id }: Found): string =>
    `${folder}/${id}`;

/** Where each is shown; what has no page of its own, on the page that lists it. */
const pathOf: Record<Found['type'], (found: Found) => string> = {
  job: inFolder('/jobs'),
  batch: inFolder('/batches'),
  workflow: inFolder('/workflows'),
  schedule: inFolder('/schedules'),
  redrive: inFolder('/redrives'),
  failure: inFolder('/failures'),
  mesh: inFolder('/meshes'),
  mesh_batch: inFolder('/mesh-batches'),
  sheet_import: inFolder('/spreadsheets/imports'),
  sheet_export: () => '/spreadsheets/exports',
  sheet_template: inFolder('/spreadsheets/templates'),
  trade_import: inFolder('/trading/imports'),
  account: () => '/trading/accounts',
};

const titled = (type: string): string => type.slice(0, 1).toUpperCase() + type.slice(1).replace('_', ' ');

/** What has the id that was pasted. */
export const foundEntries = (found: readonly Found[]): Entry[] =>
  found.map((thing) => {
    const { type, id, name, state, user_id: user } = thing;
    return {
      key: `${type} ${id}`,
      label: `${titled(type)} ${name || id}`,
      detail: state ?? `…${id.slice(-12)}`,
      to: pathOf[type](thing),
      ...(user !== undefined && { search: { user } }),
    };
  });

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
  views.map(({ name, query }) => ({
    key: `view ${name}`,
    label: name,
    detail: 'Saved view',
    to: '/jobs',
    search: { q: query },
  }));

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
  search: { q: text },
});
