import { collect } from '@roundhouse/testing';
import { SchwabCsvFills } from './schwab-csv.js';
import type { FillPage } from '../fills/broker.js';

const everything = { since: new Date(0), until: new Date(8.64e15) };
const never = new AbortController().signal;
const HEADER = '"Date","Action","Symbol","Description","Quantity","Price","Fees & Comm","Amount"';

const read = (csv: string, window = everything): Promise<FillPage[]> =>
  collect(
    new SchwabCsvFills({ file: { name: 'schwab.csv', content: Buffer.from(csv) } }).pages(window, undefined, never),
  );

const EXPORT = [
  '"Transactions  for account XXXX-1234 as of 01/31/2026 09:00:00 ET"',
  HEADER,
  '"01/30/2026","Sell","AAPL","APPLE INC","40","$251.50","$0.44","$10,059.56"',
  '"01/30/2026","Buy","AAPL","APPLE INC","1,000","$250.10","","-$250,100.00"',
  '"01/29/2026 as of 01/28/2026","Cash Dividend","AAPL","APPLE INC","","","","$24.00"',
  '"07/15/2025 as of 07/14/2025","Sell Short","TSLA","TESLA INC","5","$310.00","$0.10","$1,549.90"',
  '"07/14/2025","Buy to Cover","TSLA","TESLA INC","5","$300.00","","-$1,500.00"',
  '"07/11/2025","Sell to Open","AAPL 08/15/2025 220.00 C","CALL APPLE","2","$3.15","$1.32","$628.68"',
  '"07/10/2025","Journal","","JOURNAL TO ACCOUNT","","","","-$5.00"',
  '"Transactions Total","","","","","","","-$239,366.86"',
].join('\r\n');

describe('SchwabCsvFills', () => {
  it('reads trades and skips everything else', async () => {
    const [page] = await read(EXPORT);
    expect(page!.rowErrors).toEqual([]);
    expect(page).toMatchObject({ fetched: 5, skipped: 3, fraction: 1 });
    expect(page!.fills.map(({ symbol, side, quantity, price, fee }) => [symbol, side, quantity, price, fee])).toEqual([
      ['AAPL', 'sell', '40', '251.5', '0.44'],
      ['AAPL', 'buy', '1000', '250.1', '0'],
      ['TSLA', 'sell', '5', '310', '0.1'],
      ['TSLA', 'buy', '5', '300', '0'],
      ['AAPL 08/15/2025 220.00 C', 'sell', '200', '3.15', '1.32'],
    ]);
  });

  it('puts a day at the New York close, in the order of the day, winter and summer', async () => {
    const [page] = await read(EXPORT);
    expect(page!.fills.map(({ at }) => at.toISOString())).toEqual([
      '2026-01-30T21:00:00.000Z',
      '2026-01-30T20:59:59.999Z', // listed below, so earlier
      '2025-07-14T20:00:00.000Z', // the effective day
      '2025-07-14T19:59:59.999Z',
      '2025-07-11T20:00:00.000Z',
    ]);
  });

  it('gives equal rows ids of their own and the same ids again', async () => {
    const row = '"01/30/2026","Buy","AAPL","APPLE INC","10","$250.10","","-$2,501.00"';
    const [first] = await read([HEADER, row, row].join('\n'));
    const [later] = await read([HEADER, '"02/02/2026","Buy","F","FORD","1","$9.00","","-$9.00"', row, row].join('\n'));
    const ids = first!.fills.map(({ extId }) => extId);
    expect(new Set(ids).size).toBe(2);
    expect(later!.fills.slice(1).map(({ extId }) => extId)).toEqual(ids);
  });

  it('reports bad rows by line', async () => {
    const [page] = await read(
      [
        HEADER,
        '"01/30/2026","Buy","AAPL","","ten","$1.00","",""',
        '"30.01.2026","Buy","AAPL","","10","$1.00","",""',
        '"01/30/2026","Buy","","","10","$1.00","",""',
        '"01/30/2026","Buy","AAPL","","10","","",""',
        '"01/30/2026","Buy","AAPL","","10","($1.00)","",""',
        '"01/30/2026","Buy","AAPL","","10","$1.00","",""',
      ].join('\n'),
    );
    expect(page!.fills).toHaveLength(1);
    expect(page!.rowErrors.map(({ row, column, value }) => [row, column, value])).toEqual([
      [2, 'Quantity', 'ten'],
      [3, 'Date', '30.01.2026'],
      [4, 'Symbol', ''],
      [5, 'Price', ''],
      [6, 'Price', '-1'],
    ]);
  });

  it('takes only the window', async () => {
    const [page] = await read(EXPORT, {
      since: new Date('2025-07-14T00:00:00Z'),
      until: new Date('2026-01-30T21:00:00Z'),
    });
    expect(page!.fills.map(({ symbol }) => symbol)).toEqual(['AAPL', 'TSLA', 'TSLA']);
    expect(page!.skipped).toBe(5);
  });

  it('refuses another file and lists its columns', async () => {
    await expect(read('Time,Ticker,Qty\n1,AAPL,2\n')).rejects.toMatchObject({
      code: 'INVALID_INPUT',
      message: expect.stringContaining('Its columns are: Time, Ticker, Qty'),
    });
  });
});
