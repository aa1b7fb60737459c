import { CreateSpreadsheets1764000000000 } from './1764000000000-create-spreadsheets.js';
import { TargetTables1764100000000 } from './1764100000000-target-tables.js';

/** Every migration of this folder, oldest first; `npm run new:migration` writes this file. */
export const spreadsheetsMigrations = [CreateSpreadsheets1764000000000, TargetTables1764100000000];
