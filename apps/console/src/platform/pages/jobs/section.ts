import type { Section } from '../../navigation/index.js';

export const section: Section = {
  title: 'Jobs',
  order: 10,
  navigation: [{ to: '/jobs', label: 'Jobs', key: 'j' }],
  pages: [
    { path: '/jobs', load: () => import('./jobs-page.js') },
    { path: '/jobs/$id', load: () => import('./job-page.js') },
  ],
  places: {
    job: ({ id }) => ({ to: `/jobs/${id}` }),
  },
};
