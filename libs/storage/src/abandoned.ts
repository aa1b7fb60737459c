import { readdir, rm, stat } from 'node:fs/promises';
import { join } from 'node:path';
import { isAbandoned } from './draft-name.js';

/** Removes the entries of a folder, named by `draftName`, whose processes are gone. @returns how many */
export async function removeAbandoned(folder: string, now = Date.now()): Promise<number> {
  let removed = 0;
  for (const name of await readdir(folder).catch(() => [] as string[])) {
    const facts = await stat(join(folder, name)).catch(() => undefined);
    if (!facts || !(await isAbandoned(name, now - facts.mtimeMs))) continue;
    await rm(join(folder, name), { recursive: true, force: true });
    removed += 1;
  }
  return removed;
}
