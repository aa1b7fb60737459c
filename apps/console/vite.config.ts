import react from '@vitejs/plugin-react';
import { defineConfig } from 'vite';
import { precompressed } from './precompressed.js';

export default defineConfig({
  plugins: [react(), precompressed()],
  worker: { format: 'es' },
  build: {
    target: 'es2022',
    manifest: true,
    // Everything is a file of its own: the pages' policy allows nothing inline.
    assetsInlineLimit: 0,
    modulePreload: { polyfill: false },
  },
  server: {
    // `npm run dev -w apps/console` beside a running gateway.
    proxy: { '/v1': process.env.ROUNDHOUSE_DEV_GATEWAY ?? 'http://127.0.0.1:8080' },
  },
});
