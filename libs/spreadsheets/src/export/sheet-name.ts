/** A name that Excel takes for a sheet: at most 31 characters, none of []:*?/\ and no quote at its ends. */
export function sheetName(name: string, number: number): string {
  const suffix = number === 1 ? '' : ` ${number}`;
  const clean = name
    .replace(/[[\]:*?/\\\p{Cc}]/gu, ' ')
    .replace(/\s+/g, ' ')
    .trim()
    .replace(/^'+|'+$/g, '');
  return `${(clean || 'Sheet').slice(0, 31 - suffix.length).trim()}${suffix}`;
}
