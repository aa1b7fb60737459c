import { isSafeNumber, LosslessNumber, parse, stringify } from 'lossless-json';

/** JSON of the API; a number that JavaScript would round stays a `LosslessNumber` and is written as it came. */
export function parseJson(text: string): unknown {
  return parse(text, null, (digits) => (isSafeNumber(digits) ? Number(digits) : new LosslessNumber(digits)));
}

/** Every digit as it was read. */
export function formatJson(value: unknown, space?: number): string {
  return stringify(value, null, space) ?? '';
}

/**
 * What a person typed, as a request body: whole numbers that JavaScript cannot hold go out as text, which is how proto JSON
 * writes 64-bit integers. @throws SyntaxError saying where the text stops being JSON
 */
export function parseEdited(text: string): unknown {
  return parse(text, null, (digits) => (isSafeNumber(digits) ? Number(digits) : digits));
}
