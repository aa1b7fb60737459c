const firstBytes = 512 * 1024;

/**
 * Lines of text as bytes, each with a key. Written at once rather than kept as strings: those would hold on to the pieces of XML that they were cut
 * from, and a third of the time went into collecting them.
 */
export class LineBuffer {
  private bytes = Buffer.allocUnsafeSlow(firstBytes);
  private used = 0;
  /** Where lines begin. */
  private starts: number[] = [];
  private keys: string[] = [];
  private inOrder = true;

  get length(): number {
    return this.used;
  }

  add(line: string, key: string): void {
    const most = line.length * 3;
    if (this.used + most > this.bytes.length) this.grow(most);
    const last = this.keys.at(-1);
    if (last !== undefined && key < last) this.inOrder = false;
    this.starts.push(this.used);
    this.keys.push(key);
    this.used += this.bytes.write(line, this.used);
  }

  /** The lines by key; to be used before the next one is added. */
  take(): Buffer[] {
    const lines = this.inOrder ? [this.bytes.subarray(0, this.used)] : this.sorted();
    this.used = 0;
    this.starts = [];
    this.keys = [];
    this.inOrder = true;
    return lines;
  }

  private sorted(): Buffer[] {
    const { keys, starts, used } = this;
    const order = keys.map((_, i) => i).sort((a, b) => (keys[a]! < keys[b]! ? -1 : 1));
    return order.map((i) => this.bytes.subarray(starts[i], starts[i + 1] ?? used));
  }

  private grow(by: number): void {
    const bytes = Buffer.allocUnsafeSlow(2 * (this.bytes.length + by));
    this.bytes.copy(bytes, 0, 0, this.used);
    this.bytes = bytes;
  }
}
