import { wellFormed } from '../../cells/well-formed.js';

/**
 * Characters that XML cannot hold are written as _xHHHH_, and an underscore that would begin such an escape as _x005F_
 * (ECMA-376 part 1, 22.9.2.19). What is no valid Unicode afterwards (half a surrogate pair) becomes U+FFFD.
 */
export function unescapeExcel(text: string): string {
  const plain = text.includes('_x')
    ? text.replace(/_x([0-9A-Fa-f]{4})_/g, (_, code: string) => String.fromCharCode(Number.parseInt(code, 16)))
    : text;
  return wellFormed(plain);
}
