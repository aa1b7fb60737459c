/** The pages of the spreadsheets: imports, exports and templates. */
export { section } from './section.js';
