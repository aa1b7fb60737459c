import { DateTime } from 'luxon';
import type { FillPage, FillSource, FillWindow, RawFill } from '../fills/broker.js';
import { openCsv, type CsvRow } from './csv-table.js';
import { times, withoutSign } from '../fills/decimal-text.js';
import type { FillFile } from './file-bytes.js';
import { filePages } from './file-pages.js';
import { notNegative, plausibleTime, positive, symbolOf } from '../fills/fill-fields.js';
import { localDecimal } from './number-style.js';
import { RowIds } from '../fills/row-id.js';
import { RowProblem } from '../fills/row-problem.js';

const FORMAT = 'schwab-csv';
const COLUMNS = ['Date', 'Action', 'Symbol', 'Quantity', 'Price', 'Fees & Comm', 'Amount'];
const DATE = /^(\d{1,2}\/\d{1,2}\/\d{4})(?: as of (\d{1,2}\/\d{1,2}\/\d{4}))?$/i;

interface Action {
  side: 'buy' | 'sell';
  /** Options are quoted per share and counted in contracts of 100. */
  multiplier: string;
}

/** Actions that trade; every other (dividends, interest, transfers, journals, splits, expiries) is skipped. */
const ACTIONS: Record<string, Action> = {
  buy: { side: 'buy', multiplier: '1' },
  'reinvest shares': { side: 'buy', multiplier: '1' },
  'buy to cover': { side: 'buy', multiplier: '1' },
  sell: { side: 'sell', multiplier: '1' },
  'sell short': { side: 'sell', multiplier: '1' },
  'buy to open': { side: 'buy', multiplier: '100' },
  'buy to close': { side: 'buy', multiplier: '100' },
  'sell to open': { side: 'sell', multiplier: '100' },
  'sell to close': { side: 'sell', multiplier: '100' },
};

/**
 * A Schwab transactions export. It has neither ids nor times of day: ids are hashes of the row, and a fill counts as
 * executed at the New York close (16:00), the one instant that is in the right session whatever the zone of its reader.
 * The file lists the newest first, so each further trade of a day is one millisecond earlier: first in, first out then
 * sees a purchase before the sale above it.
 */
export class SchwabCsvFills implements FillSource {
  constructor(private readonly config: { file: FillFile }) {}

  async *pages(window: FillWindow, cursor: string | undefined, signal: AbortSignal): AsyncIterable<FillPage> {
    const { file } = this.config;
    const table = await openCsv(file, COLUMNS, signal);
    const ids = new RowIds();
    const tradesOfDay = new Map<number, number>();
    const rows = table.outcomes((row) => {
      const action = ACTIONS[row.cell('Action').toLowerCase()];
      if (!action) return { skipped: true };
      const extId = ids.next(COLUMNS.map((column) => row.cell(column)));
      const close = newYorkClose(row.cell('Date')).getTime();
      const later = tradesOfDay.get(close) ?? 0;
      tradesOfDay.set(close, later + 1);
      return { fill: fill(row, action, extId, new Date(close - later)) };
    });
    yield* filePages({ format: FORMAT, name: file.name, rows, progress: table.progress }, window, cursor, signal);
  }
}

function fill(row: CsvRow, { side, multiplier }: Action, extId: string, at: Date): RawFill {
  const money = (column: string): string => localDecimal(column, row.cell(column), 'point');
  const units = positive('Quantity', withoutSign(money('Quantity')));
  return {
    extId,
    symbol: symbolOf('Symbol', row.cell('Symbol')),
    side,
    quantity: times(units, multiplier),
    price: notNegative('Price', money('Price')),
    fee: row.cell('Fees & Comm') === '' ? '0' : money('Fees & Comm'),
    feeCurrency: 'USD',
    at,
  };
}

/** `MM/DD/YYYY`, or `MM/DD/YYYY as of MM/DD/YYYY` (booked on, effective on): the effective day's close. */
function newYorkClose(text: string): Date {
  const [, booked, effective] = DATE.exec(text) ?? [];
  const day = DateTime.fromFormat(effective ?? booked ?? '', 'M/d/yyyy', { zone: 'America/New_York' });
  if (!day.isValid) throw new RowProblem('Date', text, 'Date is not a date; write it like 01/31/2026');
  return plausibleTime('Date', text, day.set({ hour: 16 }).toJSDate());
}
