/**
 * Where uploaded and made files lie. One store for the whole gateway, injected by `@StoredFiles()`; a workload may open one of its own.
 */
export { fileFields, openFiles } from './file-config.js';
export { StoredFiles, storedFilesToken } from './stored-files.js';
