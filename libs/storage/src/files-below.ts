import type { Dir } from 'node:fs';
import { opendir } from 'node:fs/promises';
import { join } from 'node:path';

export function isMissing(error: unknown): boolean {
  const code = (error as NodeJS.ErrnoException).code;
  return code === 'ENOENT' || code === 'ENOTDIR' || code === 'EISDIR';
}

/** Undefined when there is none, or no more: files come and go while they are listed. */
async function openFolder(path: string): Promise<Dir | undefined> {
  try {
    return await opendir(path);
  } catch (error) {
    if (isMissing(error)) return undefined;
    throw error;
  }
}

/**
 * Keys of the files below a folder, however deep. One folder at a time: the recursive `opendir` of Node 20 gives no more than the first
 * 32 entries of every folder below the first (nodejs/node#48820).
 */
export async function* filesBelow(path: string, key: string): AsyncIterable<string> {
  const folder = await openFolder(path);
  if (!folder) return;
  for await (const entry of folder) {
    const below = `${key}/${entry.name}`;
    if (entry.isDirectory()) yield* filesBelow(join(path, entry.name), below);
    else if (entry.isFile()) yield below;
  }
}
