import type { Section } from '../../platform/navigation/index.js';

export const section: Section = {
  title: 'Meshes',
  order: 120,
  navigation: [
    { to: '/meshes', label: 'Gallery', key: 'm' },
    { to: '/mesh-batches', label: 'Batches', key: 'h' },
  ],
  pages: [
    { path: '/meshes', load: () => import('./gallery-page.js') },
    { path: '/meshes/$id', load: () => import('./mesh-page.js') },
    { path: '/mesh-batches', load: () => import('./batches-page.js') },
    { path: '/mesh-batches/$id', load: () => import('./batch-page.js') },
  ],
  places: {
    mesh: ({ id }) => ({ to: `/meshes/${id}` }),
    mesh_batch: ({ id }) => ({ to: `/mesh-batches/${id}` }),
  },
};
