export type { ByteRange, FileFacts, FileStorage, ListedFile, PutOptions, StoredFile } from './file-storage.js';
export { LocalFileStorage } from './local-file-storage.js';
export { checkStorageKey } from './storage-key.js';
