import { createHash } from 'node:crypto';
import { chmodSync, mkdirSync } from 'node:fs';
import { dirname, join, resolve } from 'node:path';
import { fileURLToPath } from 'node:url';

/** The project's folder, wherever the command is called from. */
export const projectRoot = resolve(dirname(fileURLToPath(import.meta.url)), '../..');

/** Everything the command line writes: git-ignored, one folder per copy of the project. */
export const homeFolder = resolve(process.env.ROUNDHOUSE_STATE_DIR || join(projectRoot, '.roundhouse'));

/** Eight hex digits that differ between two copies of the project on one machine. */
export function copyId(folder) {
  return createHash('sha256').update(resolve(folder)).digest('hex').slice(0, 8);
}

/**
 * Creates a folder others may pass through but not list: the database runs as another user when we are root, and its data lies below.
 * Secrets are files of mode 0600.
 */
export function ensureFolder(folder, mode = 0o711) {
  mkdirSync(folder, { recursive: true, mode });
  chmodSync(folder, mode);
  return folder;
}
