import type { FillPage, FillSource, FillWindow, RawFill } from '../fills/broker.js';
import { openCsv, type CsvRow } from './csv-table.js';
import { withoutSign } from '../fills/decimal-text.js';
import type { FillFile } from './file-bytes.js';
import { filePages } from './file-pages.js';
import { currencyOf, externalId, notNegative, positive, symbolOf } from '../fills/fill-fields.js';
import { localDecimal } from './number-style.js';
import { timestampOf } from '../fills/timestamp.js';

const FORMAT = 'coinbase-csv';
const FEE = 'Fees and/or Spread';
const COLUMNS = [
  'ID',
  'Timestamp',
  'Transaction Type',
  'Asset',
  'Quantity Transacted',
  'Price Currency',
  'Price at Transaction',
  FEE,
];

/** Types that trade for money; every other (converts, rewards, sends, deposits) is skipped. */
const SIDES: Record<string, 'buy' | 'sell'> = {
  buy: 'buy',
  'advanced trade buy': 'buy',
  sell: 'sell',
  'advanced trade sell': 'sell',
};

/** A Coinbase transactions export; symbols are its products (`BTC-USD`), times are UTC, quantities of sales may be negative. */
export class CoinbaseCsvFills implements FillSource {
  constructor(private readonly config: { file: FillFile }) {}

  async *pages(window: FillWindow, cursor: string | undefined, signal: AbortSignal): AsyncIterable<FillPage> {
    const { file } = this.config;
    const table = await openCsv(file, COLUMNS, signal);
    const rows = table.outcomes((row) => {
      const side = SIDES[row.cell('Transaction Type').toLowerCase()];
      return side ? { fill: fill(row, side) } : { skipped: true };
    });
    yield* filePages({ format: FORMAT, name: file.name, rows, progress: table.progress }, window, cursor, signal);
  }
}

function fill(row: CsvRow, side: 'buy' | 'sell'): RawFill {
  const money = (column: string): string => localDecimal(column, row.cell(column), 'point');
  const currency = currencyOf('Price Currency', row.cell('Price Currency'));
  return {
    extId: externalId('ID', row.cell('ID')),
    symbol: symbolOf('Asset', `${currencyOf('Asset', row.cell('Asset'))}-${currency}`),
    side,
    quantity: positive('Quantity Transacted', withoutSign(money('Quantity Transacted'))),
    price: notNegative('Price at Transaction', money('Price at Transaction')),
    fee: row.cell(FEE) === '' ? '0' : money(FEE),
    feeCurrency: currency,
    at: timestampOf('Timestamp', row.cell('Timestamp'), 'UTC'),
  };
}
