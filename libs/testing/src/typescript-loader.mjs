import { register } from 'node:module';

// In a worker thread: source-loader.mjs registers itself in the main thread of a process only.
register('./source-loader.mjs', import.meta.url);
