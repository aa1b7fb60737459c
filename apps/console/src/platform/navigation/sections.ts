import { createContext, useContext } from 'react';
import type { Section } from './section.js';

/** The sections of this console, in the order of the navigation. */
export const Sections = createContext<readonly Section[]>([]);

export const useSections = (): readonly Section[] => useContext(Sections);

export const inOrder = (sections: readonly Section[]): readonly Section[] =>
  [...sections].sort((a, b) => a.order - b.order || a.title.localeCompare(b.title));
