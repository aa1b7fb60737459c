import type { Found, Place, Section } from '../navigation/index.js';
import type { SavedView } from '../preferences/index.js';

/** Somewhere to go, as it is offered. */
export interface Entry extends Place {
  key: string;
  label: string;
  /** What kind of place it is, or where it belongs. */
  detail: string;
  /** Keys that lead there as well. */
  shortcut?: string;
}

const titled = (type: string): string => type.slice(0, 1).toUpperCase() + type.slice(1).replace('_', ' ');

/** What has the id that was pasted, where a section shows it. */
export function foundEntries(found: readonly Found[], sections: readonly Section[]): Entry[] {
  const places = Object.assign({}, ...sections.map((section) => section.places)) as NonNullable<Section['places']>;
  return found.flatMap((thing) => {
    const { type, id, name, state } = thing;
    const place = places[type]?.(thing);
    if (!place) return [];
    return [
      { key: `${type} ${id}`, label: `${titled(type)} ${name || id}`, detail: state ?? `…${id.slice(-12)}`, ...place },
    ];
  });
}

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
