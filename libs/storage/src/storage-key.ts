import { JobFailure } from '@roundhouse/jobs';

const name = /^[A-Za-z0-9_-][A-Za-z0-9._-]{0,199}$/;
const maxDepth = 8;

/**
 * The names of a key. Only names that mean the same on every file system pass: no `..`, no hidden or empty name, no
 * backslash, colon or control character. Throws INVALID_INPUT.
 */
export function checkStorageKey(key: string): string[] {
  const names = key.split('/');
  if (names.length > maxDepth || !names.every((part) => name.test(part))) {
    throw new JobFailure(
      'INVALID_INPUT',
      `${JSON.stringify(key.slice(0, 80))} is not a storage key: up to ${maxDepth} names of letters, digits, ".", "_" and "-", separated by "/"`,
      { field: 'storage_key' },
    );
  }
  return names;
}
