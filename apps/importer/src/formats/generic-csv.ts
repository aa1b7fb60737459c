import type { ColumnMapping } from '@roundhouse/contracts';
import { JobFailure } from '@roundhouse/jobs';
import type { FillPage, FillSource, FillWindow, RawFill } from '../fills/broker.js';
import { openCsv, type CsvRow, type CsvTable } from './csv-table.js';
import { isNegative, withoutSign } from '../fills/decimal-text.js';
import type { FillFile } from './file-bytes.js';
import { filePages } from './file-pages.js';
import { currencyOf, externalId, notNegative, positive, sideOf, symbolOf } from '../fills/fill-fields.js';
import { localDecimal, numberStyle, type NumberStyle } from './number-style.js';
import { RowIds } from '../fills/row-id.js';
import { RowProblem } from '../fills/row-problem.js';
import { timestampOf, zoneOf } from '../fills/timestamp.js';

const FORMAT = 'generic-csv';
const REQUIRED = ['symbol', 'quantity', 'price', 'timestamp'] as const;
const COLUMNS = [...REQUIRED, 'side', 'fee', 'feeCurrency', 'externalId'] as const;

export interface GenericCsvConfig {
  file: FillFile;
  mapping: ColumnMapping;
  /** Of fees without a currency column. Default USD. */
  feeCurrency?: string;
}

/** Fills of any CSV file whose columns the user names. See `ColumnMapping` for the meaning of each. */
export class GenericCsvFills implements FillSource {
  private readonly zone: string;

  /** Throws INVALID_INPUT when a needed column is not mapped or the time zone is unknown. */
  constructor(private readonly config: GenericCsvConfig) {
    const unmapped = REQUIRED.find((column) => config.mapping[column].trim() === '');
    if (unmapped)
      throw new JobFailure('INVALID_INPUT', `No column is mapped to ${unmapped}; name the column that holds it`, {
        field: `file.mapping.${unmapped}`,
      });
    this.zone = zoneOf('file.mapping.time_zone', config.mapping.timeZone);
  }

  async *pages(window: FillWindow, cursor: string | undefined, signal: AbortSignal): AsyncIterable<FillPage> {
    const { file, mapping } = this.config;
    const mapped = COLUMNS.map((column) => mapping[column]).filter((column) => column !== '');
    const table = await openCsv(file, mapped, signal, 'file.mapping');
    const style = styleOf(table, mapping);
    const ids = new RowIds();
    const lineOfId = new Map<string, number>();
    const rows = table.outcomes((row) => {
      const hash = ids.next(row.cells); // also for rows that turn out bad: ids do not depend on them being repaired
      const fill = this.fill(row, style, hash);
      const before = lineOfId.get(fill.extId);
      if (before !== undefined)
        throw new RowProblem(
          mapping.externalId,
          fill.extId,
          `Line ${before} has the same id; map a column that differs for every fill, or none`,
        );
      if (mapping.externalId !== '') lineOfId.set(fill.extId, row.line);
      return { fill };
    });
    yield* filePages({ format: FORMAT, name: file.name, rows, progress: table.progress }, window, cursor, signal);
  }

  private fill(row: CsvRow, style: NumberStyle, hash: string): RawFill {
    const { mapping, feeCurrency = 'USD' } = this.config;
    const quantity = localDecimal(mapping.quantity, row.cell(mapping.quantity), style);
    const fee = mapping.fee === '' ? '' : row.cell(mapping.fee);
    const currency = mapping.feeCurrency === '' ? '' : row.cell(mapping.feeCurrency);
    return {
      extId: mapping.externalId === '' ? hash : externalId(mapping.externalId, row.cell(mapping.externalId)),
      symbol: symbolOf(mapping.symbol, row.cell(mapping.symbol)),
      side: side(mapping, row, quantity),
      quantity: positive(mapping.quantity, withoutSign(quantity)),
      price: notNegative(mapping.price, localDecimal(mapping.price, row.cell(mapping.price), style)),
      fee: fee === '' ? '0' : localDecimal(mapping.fee, fee, style),
      feeCurrency: currencyOf(mapping.feeCurrency, currency === '' ? feeCurrency : currency),
      at: timestampOf(mapping.timestamp, row.cell(mapping.timestamp), this.zone),
    };
  }
}

function styleOf(table: CsvTable, mapping: ColumnMapping): NumberStyle {
  const columns = [mapping.quantity, mapping.price, mapping.fee].filter((column) => column !== '');
  return numberStyle(table.sample.flatMap((row) => columns.map((column) => row.cell(column))));
}

function side(mapping: ColumnMapping, row: CsvRow, quantity: string): 'buy' | 'sell' {
  if (mapping.side === '') return isNegative(quantity) ? 'sell' : 'buy';
  const text = row.cell(mapping.side);
  const stated = sideOf(text);
  if (!stated)
    throw new RowProblem(mapping.side, text, `${mapping.side} is neither buy nor sell; write one of the two`);
  if (stated === 'buy' && isNegative(quantity))
    throw new RowProblem(
      mapping.quantity,
      quantity,
      `${mapping.quantity} is negative on a buy; correct one of the two`,
    );
  return stated;
}
