import type { NumberFormat } from './cell.js';

/** Formats that have a number and no code (ECMA-376 part 1, 18.8.30), with those of East Asian locales. */
export function builtInFormat(id: number): NumberFormat | undefined {
  if (id >= 14 && id <= 17) return 'date';
  if ((id >= 18 && id <= 21) || (id >= 45 && id <= 47)) return 'time';
  if (id === 22) return 'datetime';
  if ((id >= 27 && id <= 31) || (id >= 50 && id <= 54) || id === 57 || id === 58 || id === 36) return 'date';
  if ((id >= 32 && id <= 35) || id === 55 || id === 56) return 'time';
  return undefined;
}

/** What a format code makes of a number: its first section decides, quoted text, colours and conditions say nothing. */
export function formatOfCode(code: string): NumberFormat | undefined {
  const [section = ''] = code
    .replace(/"[^"]*"|\\.|_.|\*./g, '')
    .replace(/\[(?!h+\]|m+\]|s+\])[^\]]*\]/gi, '')
    .split(';');
  const zeros = /^0{2,}$/.exec(section.trim());
  if (zeros) return { zeros: zeros[0].length };
  if (/general/i.test(section)) return undefined;
  const hasDay =
    /[yd]/i.test(section) || /m/i.test(section.replace(/\[m+\]/gi, '').replace(/h+[^a-z]*m+|m+[^a-z]*s/gi, ''));
  const hasTime = /[hs]|\[m+\]/i.test(section);
  if (hasDay && /e[+-]/i.test(section)) return undefined; // 0.00E+00
  if (hasDay) return hasTime ? 'datetime' : 'date';
  return hasTime ? 'time' : undefined;
}
