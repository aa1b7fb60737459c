/** PostgreSQL's own numbers of the element types (pg_type.dat). */
const oids = { boolean: 16, bytea: 17, smallint: 21, integer: 23, text: 25, float8: 701, uuid: 2950 } as const;

export type BinaryType = keyof typeof oids;

export const isBinaryType = (type: string): type is BinaryType => type in oids;

const headerBytes = 20;

/**
 * One-dimensional array as PostgreSQL's `array_recv` reads it: dimensions, whether there are nulls, element type, length, lower bound; then each
 * element's length (-1: null) and bytes, big-endian. The driver sends a Buffer as it is. Against text, the server saves the parsing: 1.2 → 0.2 µs for
 * 66 bytes of bytea, 0.5 → 0.1 for a uuid.
 */
export function binaryArray(type: BinaryType, values: readonly unknown[]): Buffer {
  const elements = type === 'text' ? values.map((value) => encoded(value as string | null)) : values;
  let size = headerBytes;
  let nulls = 0;
  for (const element of elements) {
    size += 4;
    if (isNull(element)) nulls = 1;
    else size += sizeOf(type, element);
  }
  const buffer = Buffer.allocUnsafe(size);
  [1, nulls, oids[type], elements.length, 1].forEach((word, i) => buffer.writeInt32BE(word, i * 4));
  let offset = headerBytes;
  for (const element of elements) {
    const length = isNull(element) ? -1 : sizeOf(type, element);
    offset = buffer.writeInt32BE(length, offset);
    if (length < 0) continue;
    write(type, element, buffer, offset);
    offset += length;
  }
  return buffer;
}

const isNull = (value: unknown): boolean => value === null || value === undefined;
const encoded = (text: string | null): Buffer | null => (isNull(text) ? null : Buffer.from(text as string));

function sizeOf(type: BinaryType, value: unknown): number {
  switch (type) {
    case 'boolean':
      return 1;
    case 'smallint':
      return 2;
    case 'integer':
      return 4;
    case 'float8':
      return 8;
    case 'uuid':
      return 16;
    default:
      return (value as Buffer).length;
  }
}

function write(type: BinaryType, value: unknown, buffer: Buffer, offset: number): void {
  switch (type) {
    case 'boolean':
      buffer[offset] = value ? 1 : 0;
      return;
    case 'smallint':
      buffer.writeInt16BE(value as number, offset);
      return;
    case 'integer':
      buffer.writeInt32BE(value as number, offset);
      return;
    case 'float8':
      buffer.writeDoubleBE(value as number, offset);
      return;
    case 'uuid':
      writeUuid(value as string, buffer, offset);
      return;
    default:
      buffer.set(value as Buffer, offset);
  }
}

const dash = 45;

/** Digit by digit: taking the dashes out first makes a string of every id. */
function writeUuid(text: string, buffer: Buffer, offset: number): void {
  let at = offset;
  for (let i = 0; i < text.length; i += 2) {
    if (text.charCodeAt(i) === dash) i += 1;
    buffer[at] = (digit(text.charCodeAt(i)) << 4) | digit(text.charCodeAt(i + 1));
    at += 1;
  }
}

/** Of 0-9, A-F, a-f. */
const digit = (code: number): number => (code <= 57 ? code - 48 : (code | 32) - 87);
