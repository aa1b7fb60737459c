import type { Section } from '../../platform/navigation/index.js';

export const section: Section = {
  title: 'Trading coach',
  order: 100,
  navigation: [
    { to: '/trading/accounts', label: 'Accounts', key: 'c' },
    { to: '/trading/imports', label: 'Imports', key: 'i' },
    { to: '/trading/trades', label: 'Trades', key: 't' },
    { to: '/trading/what-ifs', label: 'What-ifs', key: 'v' },
    { to: '/trading/digests', label: 'Digests', key: 'k' },
  ],
  pages: [
    { path: '/trading/accounts', load: () => import('./accounts-page.js') },
    { path: '/trading/imports', load: () => import('./imports-page.js') },
    { path: '/trading/imports/$id', load: () => import('./import-page.js') },
    { path: '/trading/trades', load: () => import('./trades-page.js') },
    { path: '/trading/what-ifs', load: () => import('./what-ifs-page.js') },
    { path: '/trading/digests', load: () => import('./digests-page.js') },
  ],
  places: {
    trade_import: ({ id }) => ({ to: `/trading/imports/${id}` }),
    account: ({ user_id: user }) => ({ to: '/trading/accounts', search: { user } }),
  },
  demo: { command: './roundhouse demo', does: 'runs the trading coach on sample trades' },
};
