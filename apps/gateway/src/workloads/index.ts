/** The workloads of this gateway. Each is one entry here; the rest of it is its own folder. */
import type { Workload } from '../platform/workload/index.js';
import { mesh } from './mesh/index.js';
import { spreadsheets } from './spreadsheets/index.js';
import { trading } from './trading/index.js';

export const workloads: readonly Workload[] = [trading, spreadsheets, mesh];
