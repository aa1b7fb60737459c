import type { Column } from '../template/template.js';

/** "  E-Mail Adresse* " → "e mail adresse": case, accents and punctuation say nothing. */
export function normalized(name: string): string {
  return name
    .normalize('NFKD')
    .replace(/\p{M}/gu, '')
    .toLowerCase()
    .replace(/[^\p{L}\p{N}]+/gu, ' ')
    .trim();
}

/** Every name under which a column is known, normalized. */
export function namesOf({ name, header, aliases }: Column): string[] {
  return [...new Set([name, header ?? name, ...aliases].map(normalized))];
}

/** How alike two normalized names are, 0 … 1: shared pairs of letters (Dice's coefficient), words in any order. */
export function likeness(a: string, b: string): number {
  if (a === b) return 1;
  const [x, y] = [pairs(a), pairs(b)];
  if (x.length === 0 || y.length === 0) return 0;
  const left = [...y];
  let shared = 0;
  for (const pair of x) {
    const at = left.indexOf(pair);
    if (at < 0) continue;
    shared += 1;
    left.splice(at, 1);
  }
  return (2 * shared) / (x.length + y.length);
}

function pairs(name: string): string[] {
  return name
    .split(' ')
    .flatMap((word) => Array.from({ length: Math.max(0, word.length - 1) }, (_, i) => word.slice(i, i + 2)));
}
