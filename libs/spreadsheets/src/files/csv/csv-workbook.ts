import { parse } from 'csv-parse';
import { createReadStream } from 'node:fs';
import { open } from 'node:fs/promises';
import type { Cell, SheetRow } from '../../cells/cell.js';
import { wellFormed } from '../../cells/well-formed.js';
import { limits } from '../workbook/limits.js';
import { refusal } from '../workbook/refusal.js';
import type { SheetFacts, SheetInfo, Workbook } from '../workbook/workbook.js';
import { encodingOfMark, sniffDelimiter, type CsvDialect, type Encoding } from './csv-dialect.js';

const sampleBytes = 64 * 1024;

/** A CSV file: one sheet, every cell text. The encoding is UTF-8 or UTF-16 where the file shows it, else Windows-1252. */
export class CsvWorkbook implements Workbook {
  readonly type = 'csv';
  readonly dateSystem = '1900';
  readonly sheets: SheetInfo[] = [{ name: 'CSV', hidden: false }];

  private constructor(
    private readonly path: string,
    readonly dialect: CsvDialect,
  ) {}

  /** @param known what an earlier `open` of the same file has found: its encoding takes a look at every byte */
  static async open(path: string, known?: CsvDialect): Promise<CsvWorkbook> {
    if (known) return new CsvWorkbook(path, known);
    const sample = await readSample(path);
    const encoding = encodingOfMark(sample) ?? ((await isUtf8(path)) ? 'utf-8' : 'windows-1252');
    return new CsvWorkbook(path, { encoding, delimiter: sniffDelimiter(new TextDecoder(encoding).decode(sample)) });
  }

  async *rows(): AsyncIterable<SheetRow> {
    const parser = parse({
      delimiter: this.dialect.delimiter,
      bom: true,
      relax_column_count: true,
      relax_quotes: true,
      skip_empty_lines: false,
      max_record_size: limits.csvRecordCharacters,
      info: true,
    });
    const source = decoded(this.path, this.dialect.encoding);
    void feed(source, parser);
    let number = 0;
    try {
      for await (const { record } of parser as AsyncIterable<{ record: string[] }>) {
        number += 1;
        if (number === 1 && record.length <= 2 && record[0]?.toLowerCase().startsWith('sep=')) continue;
        yield { number, cells: cellsOf(record, number) };
      }
    } catch (error) {
      throw (error as { code?: string }).code?.startsWith('CSV_')
        ? refusal(
            `The file cannot be read behind row ${number}: ${(error as Error).message.slice(0, 200)}; correct the line, or save the file again`,
            error,
          )
        : error;
    } finally {
      parser.destroy();
    }
  }

  async inspect(): Promise<SheetFacts[]> {
    let rows = 0;
    let unended = false;
    for await (const chunk of createReadStream(this.path) as AsyncIterable<Buffer>) {
      for (let at = chunk.indexOf(10); at >= 0; at = chunk.indexOf(10, at + 1)) rows += 1;
      // The second byte of a line's end in UTF-16 is 0.
      unended = chunk.at(-1) !== 10 && chunk.at(-1) !== 0;
    }
    if (unended) rows += 1;
    // Lines, not rows: a quoted value may have several. An estimate until the file has been read.
    return [{ ...this.sheets[0]!, rows, merges: [] }];
  }

  close(): void {
    // Nothing is held open.
  }
}

function cellsOf(record: string[], row: number): (Cell | undefined)[] {
  if (record.length > limits.columns)
    throw refusal(`Row ${row} has ${record.length} columns, more than ${limits.columns}; is the delimiter right?`);
  return record.map((text) => {
    if (text.length > limits.cellCharacters)
      throw refusal(`A value in row ${row} has more than ${limits.cellCharacters} characters; is a quote missing?`);
    return text === '' ? undefined : { kind: 'text', text: wellFormed(text) };
  });
}

async function feed(source: AsyncIterable<string>, parser: ReturnType<typeof parse>): Promise<void> {
  try {
    for await (const text of source) {
      if (parser.destroyed) return;
      if (!parser.write(text)) await new Promise<void>((resume) => parser.once('drain', resume).once('close', resume));
    }
    parser.end();
  } catch (error) {
    parser.destroy(error as Error);
  }
}

async function* decoded(path: string, encoding: Encoding): AsyncIterable<string> {
  const decoder = new TextDecoder(encoding);
  for await (const chunk of createReadStream(path) as AsyncIterable<Buffer>)
    yield decoder.decode(chunk, { stream: true });
  yield decoder.decode();
}

async function readSample(path: string): Promise<Buffer> {
  const file = await open(path, 'r');
  try {
    const { bytesRead, buffer } = await file.read(Buffer.alloc(sampleBytes), 0, sampleBytes, 0);
    return buffer.subarray(0, bytesRead);
  } finally {
    await file.close();
  }
}

async function isUtf8(path: string): Promise<boolean> {
  const decoder = new TextDecoder('utf-8', { fatal: true });
  try {
    for await (const chunk of createReadStream(path) as AsyncIterable<Buffer>) decoder.decode(chunk, { stream: true });
    decoder.decode();
    return true;
  } catch (error) {
    if ((error as { code?: string }).code === 'ERR_ENCODING_INVALID_ENCODED_DATA') return false;
    throw error;
  }
}
