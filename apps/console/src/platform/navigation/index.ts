/**
 * What a section of the console is (pages, navigation, places of things that have an id), which sections there are, and
 * a page's state in its URL.
 */
export type { Found, Place, Section } from './section.js';
export { inOrder, Sections, useSections } from './sections.js';
export { usePathParameter, useUrlState, type UrlState } from './url-state.js';
