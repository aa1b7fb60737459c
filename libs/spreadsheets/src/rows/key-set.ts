/**
 * Remembers keys and the row each was first seen in, in 12 bytes a key: by a 64-bit hash. Two different keys are taken for the same
 * with a chance of about one in 37 million for a million keys.
 */
export class KeySet {
  private high: Uint32Array;
  private low: Uint32Array;
  private rows: Uint32Array;
  private size = 0;

  constructor(capacity = 4096) {
    this.high = new Uint32Array(capacity);
    this.low = new Uint32Array(capacity);
    this.rows = new Uint32Array(capacity);
  }

  /** Adds a key; the row of the same key when it was there before. */
  add(key: string, row: number): number | undefined {
    if (this.size * 2 >= this.rows.length) this.grow();
    const [high, low] = hash(key);
    const at = this.slot(high, low);
    if (this.rows[at] !== 0) return this.rows[at];
    this.high[at] = high;
    this.low[at] = low;
    this.rows[at] = row;
    this.size += 1;
    return undefined;
  }

  private slot(high: number, low: number): number {
    const mask = this.rows.length - 1;
    let at = low & mask;
    while (this.rows[at] !== 0 && (this.high[at] !== high || this.low[at] !== low)) at = (at + 1) & mask;
    return at;
  }

  private grow(): void {
    const { high, low, rows } = this;
    const capacity = rows.length * 2;
    [this.high, this.low, this.rows] = [
      new Uint32Array(capacity),
      new Uint32Array(capacity),
      new Uint32Array(capacity),
    ];
    for (let i = 0; i < rows.length; i += 1) {
      if (rows[i] === 0) continue;
      const at = this.slot(high[i]!, low[i]!);
      this.high[at] = high[i]!;
      this.low[at] = low[i]!;
      this.rows[at] = rows[i]!;
    }
  }
}

/** Two 32-bit hashes with different seeds (cyrb53's mixing, public domain, by bryc). */
function hash(text: string): [number, number] {
  let a = 0xdeadbeef;
  let b = 0x41c6ce57;
  for (let i = 0; i < text.length; i += 1) {
    const code = text.charCodeAt(i);
    a = Math.imul(a ^ code, 2654435761);
    b = Math.imul(b ^ code, 1597334677);
  }
  a = Math.imul(a ^ (a >>> 16), 2246822507) ^ Math.imul(b ^ (b >>> 13), 3266489909);
  b = Math.imul(b ^ (b >>> 16), 2246822507) ^ Math.imul(a ^ (a >>> 13), 3266489909);
  return [b >>> 0, a >>> 0];
}
