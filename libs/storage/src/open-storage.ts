import type { FileStorage } from './file-storage.js';
import { LocalFileStorage } from './local-file-storage.js';
import { s3Place } from './s3-place.js';

/** The store behind an `s3://` URL, or the folder when there is no URL. @throws Error for a URL that names no place */
export async function openStorage(folder: string, url: string | undefined): Promise<FileStorage> {
  if (url === undefined) return new LocalFileStorage(folder);
  // Only who uses it pays for loading the SDK.
  const { S3FileStorage } = await import('./s3-file-storage.js');
  return new S3FileStorage(s3Place(url));
}
