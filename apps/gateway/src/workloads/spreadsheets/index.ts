/** The routes of spreadsheets: templates, uploads, imports, exports, queries, targets. */
export { spreadsheets } from './spreadsheet-workload.js';
