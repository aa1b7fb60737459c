import type { Section } from '../../navigation/index.js';

export const section: Section = {
  title: 'Failures',
  order: 20,
  navigation: [
    { to: '/failures', label: 'Failures', key: 'f' },
    { to: '/redrives', label: 'Redrives', key: 'r' },
  ],
  pages: [
    { path: '/failures', load: () => import('./failures-page.js') },
    { path: '/failures/$fingerprint', load: () => import('./failure-page.js') },
  ],
  places: {
    failure: ({ id }) => ({ to: `/failures/${id}` }),
  },
};
