import { CreateProbe1763769600000 } from './1763769600000-create-probe.js';

/** Every migration of this folder, oldest first; `npm run new:migration` writes this file. */
export const probeMigrations = [CreateProbe1763769600000];
