import { limits } from '../workbook/limits.js';
import { refusal } from '../workbook/refusal.js';
import { unescapeExcel } from './excel-escapes.js';
import { readXml } from './xml.js';

/** Texts that cells refer to by number: UTF-8 in one buffer, so that millions of them take little more than their bytes. */
export class SharedStrings {
  private bytes = Buffer.allocUnsafeSlow(64 * 1024);
  private ends = new Uint32Array(4096);
  private count = 0;
  private used = 0;

  get size(): number {
    return this.count;
  }

  /** Undefined when there is no such string. */
  get(index: number): string | undefined {
    if (!(index >= 0 && index < this.count)) return undefined;
    return this.bytes.toString('utf8', index === 0 ? 0 : this.ends[index - 1], this.ends[index]);
  }

  add(text: string): void {
    if (text.length > limits.cellCharacters)
      throw refusal(`A text has more than ${limits.cellCharacters} characters, Excel's limit for a cell`);
    this.makeRoom(text.length * 3);
    this.used += this.bytes.write(text, this.used, 'utf8');
    this.ends[this.count] = this.used;
    this.count += 1;
  }

  private makeRoom(bytes: number): void {
    if (this.count === this.ends.length) {
      if (this.count >= limits.sharedStrings)
        throw refusal(`The file has more than ${limits.sharedStrings} shared texts`);
      const longer = new Uint32Array(this.ends.length * 2);
      longer.set(this.ends);
      this.ends = longer;
    }
    if (this.used + bytes <= this.bytes.length) return;
    if (this.used > limits.sharedStringBytes)
      throw refusal(`The file's texts take more than ${limits.sharedStringBytes} bytes; split it, or save it as CSV`);
    const larger = Buffer.allocUnsafeSlow(Math.max(this.bytes.length * 1.5, this.used + bytes));
    this.bytes.copy(larger, 0, 0, this.used);
    this.bytes = larger;
  }
}

/** Reads xl/sharedStrings.xml. Pronunciation (rPh) is not part of a text; the parts of formatted text are joined. */
export async function readSharedStrings(part: AsyncIterable<Buffer> | undefined): Promise<SharedStrings> {
  const strings = new SharedStrings();
  if (!part) return strings;
  let text = '';
  let inText = false;
  let pronunciation = false;
  await readXml(part, 'sharedStrings.xml', {
    open(name) {
      if (name === 'si') text = '';
      else if (name === 'rPh') pronunciation = true;
      else if (name === 't') inText = !pronunciation;
    },
    text(more) {
      if (!inText) return;
      text += more;
      if (text.length > limits.cellCharacters * 7)
        throw refusal(`A text has more than ${limits.cellCharacters} characters, Excel's limit for a cell`);
    },
    close(name) {
      if (name === 't') inText = false;
      else if (name === 'rPh') pronunciation = false;
      else if (name === 'si') strings.add(unescapeExcel(text));
    },
  });
  return strings;
}
