import type { Workload } from '../platform/workload/workload.js';
import { mesh } from './mesh/mesh-workload.js';
import { spreadsheets } from './spreadsheets/spreadsheet-workload.js';
import { trading } from './trading/trading-workload.js';

export const workloads: readonly Workload[] = [trading, spreadsheets, mesh];
