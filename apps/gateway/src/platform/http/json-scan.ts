/** What of a JSON text is looked at before it is parsed. */
export interface JsonScan {
  tooDeep: boolean;
  /** Where integers stand, [from, to), that a JavaScript number may not hold exactly. */
  largeIntegers: [number, number][];
}

const quote = 0x22;
const backslash = 0x5c;
const isDigit = (byte: number | undefined): boolean => byte !== undefined && byte >= 0x30 && byte <= 0x39;
/** What a number goes on with after its whole part: . E e */
const isFraction = (byte: number | undefined): boolean => byte === 0x2e || byte === 0x45 || byte === 0x65;
const isNumberPart = (byte: number | undefined): boolean =>
  isDigit(byte) || isFraction(byte) || byte === 0x2b || byte === 0x2d;

/** Shorter ones are always exact; longer ones are none of 64 bits. */
const [fewestDigits, mostDigits] = [16, 20];

/** Position of the quote that ends a string. */
function endOfString(json: Buffer, from: number): number {
  let at = from;
  while (at < json.length && json[at] !== quote) at += json[at] === backslash ? 2 : 1;
  return at;
}

/** A number with a colon behind it stands where a name should, and must not become one. */
function isName(json: Buffer, from: number): boolean {
  let at = from;
  while (json[at] === 0x20 || json[at] === 0x09 || json[at] === 0x0a || json[at] === 0x0d) at += 1;
  return json[at] === 0x3a;
}

/** Position behind a number, and whether it is a whole one that has to be read with care. */
function readNumber(json: Buffer, from: number): { end: number; isLarge: boolean } {
  let end = from;
  while (isDigit(json[end])) end += 1;
  if (isFraction(json[end])) {
    while (isNumberPart(json[end])) end += 1;
    return { end, isLarge: false };
  }
  const digits = end - from;
  if (digits < fewestDigits || digits > mostDigits || json[from] === 0x30) return { end, isLarge: false };
  const isLarge = digits > fewestDigits || !Number.isSafeInteger(Number(json.toString('latin1', from, end)));
  return { end, isLarge: isLarge && !isName(json, end) };
}

/** One pass over the bytes, some nanoseconds each; what is not JSON is left to the parser. */
export function scanJson(json: Buffer, maxDepth: number): JsonScan {
  const largeIntegers: [number, number][] = [];
  let depth = 0;
  for (let at = 0; at < json.length; at += 1) {
    const byte = json[at];
    if (byte === quote) at = endOfString(json, at + 1);
    else if (byte === 0x7b || byte === 0x5b) {
      depth += 1;
      if (depth > maxDepth) return { tooDeep: true, largeIntegers };
    } else if (byte === 0x7d || byte === 0x5d) depth -= 1;
    else if (isDigit(byte)) {
      const { end, isLarge } = readNumber(json, at);
      if (isLarge) largeIntegers.push([json[at - 1] === 0x2d ? at - 1 : at, end]);
      at = end - 1;
    }
  }
  return { tooDeep: false, largeIntegers };
}
