import { meshFileKey, type StoredMeshFile } from '@roundhouse/mesh';
import type { FileStorage } from '@roundhouse/storage';
import { createReadStream, createWriteStream } from 'node:fs';
import { pipeline } from 'node:stream/promises';

/** Stored files of meshes. */
export class MeshFiles {
  constructor(readonly storage: FileStorage) {}

  /** Every attempt has keys of its own: the files of two runs cannot mix. */
  async put(
    meshId: string,
    { jobId, attempt }: { jobId: string; attempt: number },
    format: string,
    path: string,
  ): Promise<StoredMeshFile> {
    const file = format === 'thumbnail' ? 'thumbnail.webp' : `mesh.${format}`;
    const storageKey = meshFileKey(meshId, jobId, attempt, file);
    const { bytes, sha256 } = await this.storage.put(storageKey, createReadStream(path));
    return { format, storageKey, bytes, sha256 };
  }

  async copyTo(path: string, storageKey: string, signal: AbortSignal): Promise<void> {
    await pipeline(await this.storage.open(storageKey), createWriteStream(path), { signal });
  }

  /** What cannot be removed now is an orphan, which the weekly sweep removes. */
  async remove(files: readonly Pick<StoredMeshFile, 'storageKey'>[]): Promise<void> {
    await Promise.allSettled(files.map(({ storageKey }) => this.storage.delete(storageKey)));
  }
}
