import { Readable } from 'node:stream';
import { ColumnMapping } from '@roundhouse/contracts';
import { collect } from '@roundhouse/testing';
import type { FillPage } from '../fills/broker.js';
import { GenericCsvFills } from './generic-csv.js';

const everything = { since: new Date(0), until: new Date(8.64e15) };
const never = new AbortController().signal;
const mapping = ColumnMapping.fromPartial({
  symbol: 'Ticker',
  side: 'Side',
  quantity: 'Qty',
  price: 'Price',
  fee: 'Fee',
  timestamp: 'Time',
});

function source(csv: string | Buffer, overrides: Partial<ColumnMapping> = {}): GenericCsvFills {
  const file = { name: 'fills.csv', content: Buffer.from(csv) };
  return new GenericCsvFills({ file, mapping: { ...mapping, ...overrides } });
}

const read = (csv: string | Buffer, overrides: Partial<ColumnMapping> = {}): Promise<FillPage[]> =>
  collect(source(csv, overrides).pages(everything, undefined, never));

const fillsOf = (pages: FillPage[]): FillPage['fills'] => pages.flatMap(({ fills }) => fills);
const HEADER = 'Time,Ticker,Side,Qty,Price,Fee\n';

describe('GenericCsvFills', () => {
  it('reads mapped columns in any order and case, past a byte order mark', async () => {
    const [page] = await read(
      '\ufeffNote,PRICE,qty,Side,Ticker,Time,Fee\n"a ""b""\nc",10.50,3,Buy,aapl,2026-01-05T15:00:00Z,0.1\n',
    );
    expect(page!.rowErrors).toEqual([]);
    expect(page!.fills).toEqual([
      {
        extId: expect.stringMatching(/^[0-9a-f]{32}$/),
        symbol: 'AAPL',
        side: 'buy',
        quantity: '3',
        price: '10.5',
        fee: '0.1',
        feeCurrency: 'USD',
        at: new Date('2026-01-05T15:00:00Z'),
      },
    ]);
  });

  it.each([
    ['comma', ',', '"1,234.50"', '1234.5'],
    ['semicolon', ';', '1.234,50', '1234.5'],
    ['semicolon, point', ';', '1234.50', '1234.5'],
    ['tab', '\t', "1'234.50", '1234.5'],
    ['bar', '|', '1 234,50', '1234.5'],
  ])('finds the delimiter and the number style: %s', async (_, delimiter, price, expected) => {
    const header = HEADER.replaceAll(',', delimiter);
    const [page] = await read(header + ['2026-01-05', 'AAPL', 'b', '1', price, ''].join(delimiter));
    expect(page!.rowErrors).toEqual([]);
    expect(page!.fills[0]!.price).toBe(expected);
  });

  it('refuses a number it would have to guess, unless the file tells', async () => {
    const guess = `${HEADER}2026-01-05,AAPL,b,1,"1,234",\n`;
    const [page] = await read(guess);
    expect(page!.rowErrors).toEqual([expect.objectContaining({ row: 2, column: 'Price', value: '1,234' })]);
    expect(fillsOf(await read(`${guess}2026-01-05,AAPL,b,1,10.5,\n`))[0]!.price).toBe('1234');
    expect(fillsOf(await read(`${guess}2026-01-05,AAPL,b,1,"10,5",\n`))[0]!.price).toBe('1.234');
  });

  it('reads UTF-16 as spreadsheets write it', async () => {
    const text = `\ufeff${HEADER.replaceAll(',', '\t')}2026-01-05\tAAPL\tbuy\t1\t2\t0\r\n`;
    expect(fillsOf(await read(Buffer.from(text, 'utf16le')))).toHaveLength(1);
  });

  it.each([
    ['buy', 'buy'],
    ['B', 'buy'],
    ['Long', 'buy'],
    ['BOT', 'buy'],
    ['buy to cover', 'buy'],
    ['S', 'sell'],
    ['SHORT', 'sell'],
    ['sell_short', 'sell'],
  ])('takes the side word %s', async (word, side) => {
    const [page] = await read(`${HEADER}2026-01-05,AAPL,${word},${side === 'sell' ? '-1' : '1'},2,\n`);
    expect(page!.fills[0]!.side).toBe(side);
    expect(page!.fills[0]!.quantity).toBe('1');
  });

  it('takes the side from the sign of the quantity when none is mapped', async () => {
    const pages = await read(`${HEADER}2026-01-05,AAPL,,5,2,\n2026-01-05,AAPL,,-5,2,\n`, { side: '' });
    expect(fillsOf(pages).map(({ side }) => side)).toEqual(['buy', 'sell']);
  });

  it.each([
    ['2026-01-05 09:30:00', '2026-01-05T14:30:00.000Z'],
    ['2026-07-05 09:30', '2026-07-05T13:30:00.000Z'],
    ['2026-01-05T09:30:00+01:00', '2026-01-05T08:30:00.000Z'],
    ['2026/01/05 09:30:00 UTC', '2026-01-05T09:30:00.000Z'],
    ['2026-01-05', '2026-01-05T05:00:00.000Z'],
    ['1767605400', '2026-01-05T09:30:00.000Z'],
    ['1767605400123', '2026-01-05T09:30:00.123Z'],
    ['2026-11-01 01:30:00', '2026-11-01T05:30:00.000Z'], // the repeated hour: its first pass
    ['2026-03-08 02:30:00', '2026-03-08T07:30:00.000Z'], // the skipped hour
  ])('reads the time %s in New York', async (time, expected) => {
    const [page] = await read(`${HEADER}${time},AAPL,b,1,2,\n`, { timeZone: 'America/New_York' });
    expect(page!.rowErrors).toEqual([]);
    expect(page!.fills[0]!.at.toISOString()).toBe(expected);
  });

  it.each([
    ['05.01.2026,AAPL,b,1,2,', 'Time'],
    ['2026-13-01,AAPL,b,1,2,', 'Time'],
    ['2226-01-01,AAPL,b,1,2,', 'Time'],
    [',AAPL,b,1,2,', 'Time'],
    ['2026-01-05,,b,1,2,', 'Ticker'],
    ['2026-01-05,AAPL,gift,1,2,', 'Side'],
    ['2026-01-05,AAPL,b,-1,2,', 'Qty'],
    ['2026-01-05,AAPL,b,0,2,', 'Qty'],
    ['2026-01-05,AAPL,b,1e99,2,', 'Qty'],
    ['2026-01-05,AAPL,b,0.0000000000000000001,2,', 'Qty'],
    ['2026-01-05,AAPL,b,1,NaN,', 'Price'],
    ['2026-01-05,AAPL,b,1,-2,', 'Price'],
    ['2026-01-05,AAPL,b,1,,', 'Price'],
    ['2026-01-05,AAPL', 'Qty'],
    ['2026-01-05,AAPL,b,1,2,free', 'Fee'],
    ['2026-01-05,AAPL,b,1,234,5,0.1', ''],
    ['2026-01-05,AA"PL,b,1,2,', ''],
    ['2026-01-05,"AAPL"x,b,1,2,', ''],
  ])('reports %s and keeps the rest', async (row, column) => {
    const good = '2026-01-05,MSFT,b,1,2.5,\n';
    const [page] = await read(`${HEADER}${good}${row}\n${good}${good}`);
    expect(page!.fills).toHaveLength(3);
    expect(page!.rowErrors).toEqual([expect.objectContaining({ row: 3, column })]);
  });

  it('uses an id column and refuses ids that repeat', async () => {
    const [page] = await read(`Id,${HEADER}x1,2026-01-05,A,b,1,2,\nx1,2026-01-05,A,s,1,2,\n,2026-01-05,A,s,1,2,\n`, {
      externalId: 'id',
    });
    expect(page!.fills.map(({ extId }) => extId)).toEqual(['x1']);
    expect(page!.rowErrors).toEqual([
      expect.objectContaining({ row: 3, value: 'x1', message: expect.stringContaining('Line 2') }),
      expect.objectContaining({ row: 4, column: 'id' }),
    ]);
  });

  it('keeps ids when the time zone or the mapping is corrected', async () => {
    const csv = `${HEADER}2026-01-05 09:30:00,AAPL,b,1,2,0.5\n`;
    const [wrong] = fillsOf(await read(csv, { fee: '' }));
    const [right] = fillsOf(await read(csv, { timeZone: 'America/New_York' }));
    expect(right!.extId).toBe(wrong!.extId);
    expect(right!.at).not.toEqual(wrong!.at);
  });

  it('lists the columns found when one is missing', async () => {
    await expect(read(HEADER, { symbol: 'Symbol', fee: 'Commission' })).rejects.toMatchObject({
      code: 'INVALID_INPUT',
      field: 'file.mapping',
      message: 'fills.csv has no column "Symbol", "Commission". Its columns are: Time, Ticker, Side, Qty, Price, Fee',
    });
  });

  it.each([
    ['', 'is empty'],
    ['\n\n\n', 'is empty'],
    ['Time,Ticker,Side,Qty,Qty,Price,Fee\n', 'several columns'],
    ['PK\u0003\u0004rest', 'workbook'],
    ['Time,Ti\u0000cker', 'not a text file'],
    ['x'.repeat(600_000), 'has no end'],
  ])('refuses a file as a whole: %#', async (csv, says) => {
    await expect(read(csv)).rejects.toMatchObject({ code: 'INVALID_INPUT', message: expect.stringContaining(says) });
  });

  it('refuses an incomplete mapping and an unknown zone at once', () => {
    expect(() => source('', { price: ' ' })).toThrow(expect.objectContaining({ field: 'file.mapping.price' }));
    expect(() => source('', { timeZone: 'Mars/Base' })).toThrow(
      expect.objectContaining({ field: 'file.mapping.time_zone' }),
    );
  });

  it('streams in pages of 500 and goes on after each of them, equal rows included', async () => {
    const rows = Array.from(
      { length: 1_700 },
      (_, i) => `2026-01-05,S${i % 7},b,${(i % 5) + 1},${i % 11 === 3 ? 'x' : '2.5'},\n`,
    );
    const stream = (): GenericCsvFills =>
      new GenericCsvFills({
        file: { name: 'fills.csv', content: Readable.from(HEADER + rows.join('')), size: 40_000 },
        mapping,
      });
    const whole = await collect(stream().pages(everything, undefined, never));
    expect(whole).toHaveLength(4);
    expect(new Set(fillsOf(whole).map(({ extId }) => extId)).size).toBe(fillsOf(whole).length);
    expect(whole.at(-1)!.fraction).toBe(1);
    for (let stop = 0; stop < whole.length; stop++) {
      const resumed = await collect(stream().pages(everything, whole[stop]!.cursor, never));
      expect(fillsOf(resumed)).toEqual(fillsOf(whole.slice(stop + 1)));
      expect(resumed.flatMap((page) => page.rowErrors)).toEqual(
        whole.slice(stop + 1).flatMap((page) => page.rowErrors),
      );
    }
  });

  it('stops when it is told to, also while the stream is silent', async () => {
    const content = new Readable({ read: () => undefined });
    content.push(HEADER);
    const abort = new AbortController();
    const pending = collect(
      new GenericCsvFills({ file: { name: 'fills.csv', content }, mapping }).pages(everything, undefined, abort.signal),
    );
    setImmediate(() => abort.abort());
    await expect(pending).rejects.toMatchObject({ code: 'CANCELLED' });
    expect(content.destroyed).toBe(true);
  });

  it('destroys the stream of a reader that stops early, and reports one that breaks', async () => {
    const content = Readable.from([HEADER, ...Array.from({ length: 2_000 }, () => '2026-01-05,A,b,1,2,\n')]);
    const fills = new GenericCsvFills({ file: { name: 'fills.csv', content }, mapping });
    for await (const page of fills.pages(everything, undefined, never)) if (page) break;
    expect(content.destroyed).toBe(true);

    const broken = Readable.from(
      (function* () {
        yield HEADER;
        throw new Error('disk gone');
      })(),
    );
    const file = { name: 'fills.csv', content: broken };
    await expect(
      collect(new GenericCsvFills({ file, mapping }).pages(everything, undefined, never)),
    ).rejects.toMatchObject({
      code: 'UNAVAILABLE',
      retryable: true,
    });
  });
});
