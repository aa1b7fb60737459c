import type { Section } from '../../navigation/index.js';

export const section: Section = {
  title: 'Batches',
  order: 15,
  navigation: [
    { to: '/batches', label: 'Batches', key: 'b' },
    { to: '/workflows', label: 'Workflows', key: 'd' },
  ],
  pages: [
    { path: '/batches', load: () => import('./batches-page.js') },
    { path: '/batches/$id', load: () => import('./batch-page.js') },
    { path: '/workflows', load: () => import('./workflows-page.js') },
    { path: '/workflows/$id', load: () => import('./workflow-page.js') },
  ],
  places: {
    batch: ({ id }) => ({ to: `/batches/${id}` }),
    workflow: ({ id }) => ({ to: `/workflows/${id}` }),
  },
};
