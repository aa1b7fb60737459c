export type { FileStorage, PutOptions, StoredFile, FileFacts } from './file-storage.js';
export { LocalFileStorage } from './local-file-storage.js';
export { checkStorageKey } from './storage-key.js';
