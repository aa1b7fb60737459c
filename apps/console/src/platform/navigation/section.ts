import type { ComponentType } from 'react';
import type { Answer } from '../api/index.js';
import type { UrlState } from './url-state.js';

/** A page of the console. Its code is loaded when somebody opens it. */
export interface SectionPage {
  /** Path with parameters as TanStack Router writes them: "/jobs/$id". */
  path: string;
  load: () => Promise<{ default: ComponentType }>;
}

/** Something that has the id that somebody has at hand. */
export type Found = Answer<'/v1/console/find', 'get'>['found'][number];

/** Somewhere to go. */
export interface Place {
  to: string;
  /** State of that page: the search of the jobs list, the user of an account. */
  search?: UrlState;
}

/** Pages that belong together, with their place in the navigation: all that the shell knows of them. */
export interface Section {
  title: string;
  /** Smaller is further up. Platform pages have 0 … 99, workloads 100 and more. */
  order: number;
  navigation: readonly {
    to: string;
    label: string;
    /** Second key of the shortcut "g <key>". */
    key?: string;
  }[];
  pages: readonly SectionPage[];
  /** Where each type of thing is shown that an id may belong to; what has no page of its own, on the page that lists it. */
  places?: Partial<Record<Found['type'], (thing: Found) => Place>>;
  /** What puts something to look at into an empty installation. */
  demo?: { command: string; does: string };
}
