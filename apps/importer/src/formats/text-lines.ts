import { TextDecoder } from 'node:util';
import { JobFailure } from '@roundhouse/jobs';

export interface TextLine {
  /** From 1. */
  number: number;
  /** Without its line end. */
  text: string;
}

const LONGEST_LINE = 256 * 1024;

function encodingOf(name: string, start: Buffer): string {
  if (start[0] === 0xff && start[1] === 0xfe) return 'utf-16le';
  if (start[0] === 0xfe && start[1] === 0xff) return 'utf-16be';
  const refuse = (what: string): JobFailure =>
    new JobFailure('INVALID_INPUT', `${name} ${what}; export the trades as a CSV file`, { field: 'file' });
  if (start.subarray(0, 4).equals(Buffer.from('PK\u0003\u0004'))) throw refuse('is a workbook or an archive');
  if (start.includes(0)) throw refuse('is not a text file');
  return 'utf-8';
}

/** Lines of UTF-8 or, with a byte order mark, UTF-16 text; ends are LF or CRLF. Throws INVALID_INPUT when it is no text. */
export async function* textLines(name: string, chunks: AsyncIterable<Buffer>): AsyncIterable<TextLine> {
  let decoder: TextDecoder | undefined;
  let rest = '';
  let number = 0;
  const line = (text: string): TextLine => ({ number: ++number, text: text.endsWith('\r') ? text.slice(0, -1) : text });
  let start: Buffer = Buffer.alloc(0);
  for await (const part of chunks) {
    let chunk = part;
    if (!decoder) {
      chunk = start = Buffer.concat([start, part]);
      if (start.length < 4) continue; // too short to tell a byte order mark
      decoder = new TextDecoder(encodingOf(name, start));
    }
    const texts = (rest + decoder.decode(chunk, { stream: true })).split('\n');
    rest = texts.pop() ?? '';
    for (const text of texts) yield line(text);
    if (rest.length > LONGEST_LINE)
      throw new JobFailure('INVALID_INPUT', `Line ${number + 1} of ${name} has no end; is it a CSV file?`, {
        field: 'file',
      });
  }
  rest += decoder ? decoder.decode() : start.toString();
  if (rest !== '') yield line(rest);
}
