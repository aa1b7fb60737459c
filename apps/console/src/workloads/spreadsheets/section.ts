import type { Section } from '../../platform/navigation/index.js';

export const section: Section = {
  title: 'Spreadsheets',
  order: 110,
  navigation: [
    { to: '/spreadsheets/imports', label: 'Imports', key: 'e' },
    { to: '/spreadsheets/exports', label: 'Exports', key: 'x' },
    { to: '/spreadsheets/templates', label: 'Templates', key: 'l' },
  ],
  pages: [
    { path: '/spreadsheets/imports', load: () => import('./imports-page.js') },
    { path: '/spreadsheets/imports/new', load: () => import('./new-import-page.js') },
    { path: '/spreadsheets/imports/$id', load: () => import('./import-page.js') },
    { path: '/spreadsheets/exports', load: () => import('./exports-page.js') },
    { path: '/spreadsheets/templates', load: () => import('./templates-page.js') },
    { path: '/spreadsheets/templates/new', load: () => import('./new-template-page.js') },
    { path: '/spreadsheets/templates/$id', load: () => import('./template-page.js') },
  ],
  places: {
    sheet_import: ({ id }) => ({ to: `/spreadsheets/imports/${id}` }),
    sheet_export: () => ({ to: '/spreadsheets/exports' }),
    sheet_template: ({ id }) => ({ to: `/spreadsheets/templates/${id}` }),
  },
};
