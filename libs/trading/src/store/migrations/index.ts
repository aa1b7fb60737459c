import { CreateTrading1763770000000 } from './1763770000000-create-trading.js';
import { ExpireUploads1763800300000 } from './1763800300000-expire-uploads.js';

/** Every migration of this folder, oldest first; `npm run new:migration` writes this file. */
export const tradingMigrations = [CreateTrading1763770000000, ExpireUploads1763800300000];
