/**
 * The console around its pages: start, router, shell, login, shortcuts, theme. It is handed the workloads' sections and
 * names none.
 */
export { startConsole } from './console.js';
