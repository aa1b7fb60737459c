import type { Section } from '../../navigation/index.js';

export const section: Section = {
  title: 'Schedules',
  order: 30,
  navigation: [{ to: '/schedules', label: 'Schedules', key: 's' }],
  pages: [
    { path: '/schedules', load: () => import('./schedules-page.js') },
    { path: '/schedules/$id', load: () => import('./schedule-page.js') },
  ],
  places: {
    schedule: ({ id }) => ({ to: `/schedules/${id}` }),
  },
};
