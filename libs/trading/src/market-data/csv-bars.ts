import { readdir, readFile, stat } from 'node:fs/promises';
import { delimiter, join } from 'node:path';
import { JobFailure } from '@roundhouse/jobs';
import { parse } from 'csv-parse/sync';
import { BarCollector } from './bar-collector.js';
import type { BarSeries, BarSource } from './bar-source.js';

export interface CsvBarsConfig {
  /** Folders, separated by the system's path delimiter (`:` or `;`); the first that has the symbol is taken. */
  folders: string;
  /** The prices are restated for splits. Default false. */
  adjusted?: boolean;
}

const COLUMNS = ['date', 'open', 'high', 'low', 'close', 'volume'] as const;
const LARGEST_FILE = 64 * 1024 * 1024;
const US_DATE = /^(\d{1,2})\/(\d{1,2})\/(\d{4})$/;

/**
 * Daily bars from files `<SYMBOL>.csv` with a header `date,open,high,low,close,volume` (any case and order; further
 * columns are ignored); dates are YYYY-MM-DD or M/D/YYYY. The case of file names does not matter; a character of a symbol that a
 * file name should not have is a `-` in it (`BTC/USD` is `BTC-USD.csv`).
 */
export class CsvBars implements BarSource {
  private readonly folders: string[];

  constructor(private readonly config: CsvBarsConfig) {
    this.folders = config.folders.split(delimiter).filter((folder) => folder !== '');
  }

  async dailyBars(symbol: string, from: string, to: string, signal: AbortSignal): Promise<BarSeries | undefined> {
    const path = await this.find(symbol);
    if (path === undefined) return undefined;
    const collector = new BarCollector(from, to);
    readRows(path, await content(path, signal), collector);
    const bars = collector.bars();
    if (bars.length === 0) return undefined;
    const adjusted = this.config.adjusted ?? false;
    return { symbol, bars, splits: [], adjusted, source: 'csv', problems: collector.problems };
  }

  /** Names are looked for among those a folder lists, so a symbol cannot lead out of it. */
  private async find(symbol: string): Promise<string | undefined> {
    const wanted = `${symbol.replace(/[^\p{L}\p{N}^=._-]/gu, '-')}.csv`;
    for (const folder of this.folders) {
      const names = await readdir(folder).catch((cause: unknown) => {
        throw new JobFailure(
          'FAILED_PRECONDITION',
          `The folder of bars ${folder} cannot be read; create it or correct the configuration`,
          { cause },
        );
      });
      const name =
        names.find((one) => one === wanted) ?? names.find((one) => one.toLowerCase() === wanted.toLowerCase());
      if (name !== undefined) return join(folder, name);
    }
    return undefined;
  }
}

async function content(path: string, signal: AbortSignal): Promise<string> {
  try {
    const { size } = await stat(path);
    if (size > LARGEST_FILE)
      throw new JobFailure('INVALID_INPUT', `${path} is larger than ${LARGEST_FILE} bytes; give daily bars only`, {
        field: path,
      });
    return await readFile(path, { encoding: 'utf8', signal });
  } catch (cause) {
    if (cause instanceof JobFailure) throw cause;
    if (signal.aborted) throw new JobFailure('CANCELLED', `Reading ${path} was given up`, { cause });
    throw new JobFailure('UNAVAILABLE', `${path} cannot be read`, { cause });
  }
}

function readRows(path: string, text: string, collector: BarCollector): void {
  const refuse = (why: string, cause?: unknown): JobFailure =>
    new JobFailure('INVALID_INPUT', `${path} ${why}; its columns must be ${COLUMNS.join(',')}`, { cause, field: path });
  let rows: { record: string[]; info: { lines: number } }[];
  try {
    rows = parse(text, {
      bom: true,
      relax_column_count: true,
      skip_empty_lines: true,
      trim: true,
      info: true,
    }) as never;
  } catch (cause) {
    throw refuse('is not a CSV file', cause);
  }
  const [header, ...days] = rows;
  const names = header?.record.map((name) => name.toLowerCase()) ?? [];
  const at = Object.fromEntries(COLUMNS.map((column) => [column, names.indexOf(column)])) as Record<
    (typeof COLUMNS)[number],
    number
  >;
  const missing = COLUMNS.find((column) => at[column] < 0 && column !== 'volume');
  if (missing) throw refuse(`has no column ${missing}`);
  for (const { record, info } of days) {
    const bar = Object.fromEntries(COLUMNS.map((column) => [column, record[at[column]] ?? ''])) as Record<
      (typeof COLUMNS)[number],
      string
    >;
    collector.add({ ...bar, date: isoDate(bar.date) }, `${path} line ${info.lines}`);
  }
}

function isoDate(text: string): string {
  const [, month, day, year] = US_DATE.exec(text) ?? [];
  return year ? `${year}-${month!.padStart(2, '0')}-${day!.padStart(2, '0')}` : text.slice(0, 10);
}
