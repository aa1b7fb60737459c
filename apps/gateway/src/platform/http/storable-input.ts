import { storable, textFault } from '@roundhouse/ledger';
import type { FieldError } from './problem.js';

/** The name of an uploaded file, as far as it can be stored: it is for people to know the file again, and no reason to refuse it. */
export const storableName = (name: string, mostLetters = 200): string =>
  [...storable(name)].slice(0, mostLetters).join('');

/** Keys and strings are shown as JSON does, so that what is wrong with them can be seen. */
const keyPath = (path: string, key: string): string => {
  const shown = /^[\w-]+$/.test(key) ? key : JSON.stringify(key);
  return path === '' ? shown : `${path}.${shown}`;
};

export interface TextOptions {
  /** Keys of objects and lists that are looked at elsewhere. */
  leave?: readonly string[];
}

/**
 * Everything in a body, query or path that cannot be stored, each with its place: text, and integers that are not exact as numbers.
 * Payloads are left out: a message may hold any character, and its contract says how large numbers are.
 */
export function unstorable(value: unknown, { leave = [] }: TextOptions = {}, path = ''): FieldError[] {
  if (typeof value === 'string') {
    const message = textFault(value);
    return message ? [{ path, message }] : [];
  }
  if (typeof value === 'bigint') return [{ path, message: 'is too large for a number: send it as a string' }];
  if (typeof value !== 'object' || value === null) return [];
  if (Array.isArray(value)) return value.flatMap((item, i) => unstorable(item, {}, `${path}[${i}]`));
  return Object.entries(value).flatMap(([key, below]) => {
    const at = keyPath(path, key);
    const message = textFault(key);
    if (message) return [{ path: at, message: `has a name that ${message}` }];
    const isLeft = typeof below === 'object' && (key === 'payload' || leave.includes(key));
    return isLeft ? [] : unstorable(below, {}, at);
  });
}
