export { openStorage } from './open-storage.js';
export { s3Place, type S3Place } from './s3-place.js';
export type { ByteRange, FileFacts, FileStorage, ListedFile, PutOptions, StoredFile } from './file-storage.js';
export { LocalFileStorage } from './local-file-storage.js';
export { checkStorageKey } from './storage-key.js';
