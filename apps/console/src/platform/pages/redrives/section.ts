import type { Section } from '../../navigation/index.js';

/** Its place in the navigation is below the failures. */
export const section: Section = {
  title: 'Redrives',
  order: 21,
  navigation: [],
  pages: [
    { path: '/redrives', load: () => import('./redrives-page.js') },
    { path: '/redrives/$id', load: () => import('./redrive-page.js') },
  ],
  places: {
    redrive: ({ id }) => ({ to: `/redrives/${id}` }),
  },
};
