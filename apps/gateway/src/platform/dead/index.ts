/** The routes of dead jobs: their causes, marks on them, redrives of one and of many. */
export { deadControllers } from './dead-parts.js';
