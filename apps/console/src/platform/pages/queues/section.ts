import type { Section } from '../../navigation/index.js';

export const section: Section = {
  title: 'Platform',
  order: 40,
  navigation: [
    { to: '/queues', label: 'Queues', key: 'q' },
    { to: '/workers', label: 'Workers', key: 'w' },
    { to: '/audit', label: 'Audit', key: 'a' },
  ],
  pages: [
    { path: '/queues', load: () => import('./queues-page.js') },
    { path: '/workers', load: () => import('./workers-page.js') },
    { path: '/audit', load: () => import('./audit-page.js') },
  ],
};
