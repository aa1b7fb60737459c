import type { Section } from '../../navigation/index.js';

export const section: Section = {
  title: 'Now',
  order: 0,
  navigation: [{ to: '/now', label: 'Overview', key: 'n' }],
  pages: [{ path: '/now', load: () => import('./now-page.js') }],
};
