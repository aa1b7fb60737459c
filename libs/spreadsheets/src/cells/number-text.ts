/**
 * A stored number as people see it: files keep 17 digits ("1.1000000000000001"), Excel shows and calculates with 15. Plain decimal
 * text without exponent; undefined when it is no finite number.
 */
export function plainNumber(stored: string): string | undefined {
  // The usual case needs no arithmetic.
  if (/^-?(0|[1-9]\d{0,14})(\.\d{0,13}[1-9])?$/.test(stored) && stored.length <= 16)
    return stored === '-0' ? '0' : stored;
  const value = stored.trim() === '' ? NaN : Number(stored);
  if (!Number.isFinite(value)) return undefined;
  return withoutExponent(value.toPrecision(15));
}

/** "1.50e+3" → "1500" */
export function withoutExponent(text: string): string {
  const match = /^(-?)(\d+)(?:\.(\d+))?(?:[eE]([+-]?\d+))?$/.exec(text);
  if (!match) return text;
  const [, sign = '', whole = '', fraction = '', exponent = '0'] = match;
  const digits = whole + fraction;
  const point = whole.length + Number(exponent);
  const padded = point <= 0 ? '0'.repeat(1 - point) + digits : digits.padEnd(point, '0');
  const at = point <= 0 ? 1 : point;
  const left = padded.slice(0, at).replace(/^0+(?=\d)/, '');
  const right = padded.slice(at).replace(/0+$/, '');
  if (left === '0' && right === '') return '0';
  return `${sign}${left}${right && `.${right}`}`;
}

/**
 * A number that was typed as text: "1,234.50", "1 234,5" with a decimal comma, "(12)" for -12, "+3", "1.2E3". Groups must be groups
 * of three. Undefined when it is none.
 */
export function typedNumber(text: string, decimal: '.' | ','): string | undefined {
  let rest = text
    .trim()
    .replace(/[\u00a0\u2007\u202f ]/g, ' ')
    .replace(/\u2212/g, '-');
  const bracketed = /^\((.*)\)$/.exec(rest);
  if (bracketed) rest = `-${bracketed[1]}`;
  const group = decimal === '.' ? ',' : '\\.';
  const point = decimal === '.' ? '\\.' : ',';
  const shape = new RegExp(
    `^([+-]?)(\\d+|\\d{1,3}(?:(?:${group}|[ '’])\\d{3})+)?(?:${point}(\\d*))?(?:[eE]([+-]?\\d{1,3}))?$`,
  );
  const match = shape.exec(rest);
  if (!match) return undefined;
  const [, sign = '', whole = '', fraction = '', exponent = '0'] = match;
  const digits = whole.replace(/[^\d]/g, '');
  if (digits === '' && fraction === '') return undefined;
  if (digits.length + fraction.length > 400) return undefined;
  const plain = withoutExponent(`${digits || '0'}${fraction && `.${fraction}`}e${exponent}`);
  return sign === '-' && plain !== '0' ? `-${plain}` : plain;
}
