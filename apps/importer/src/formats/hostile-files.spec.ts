import { Readable } from 'node:stream';
import { ColumnMapping } from '@roundhouse/contracts';
import { JobFailure } from '@roundhouse/jobs';
import fc from 'fast-check';
import type { FillSource } from '../fills/broker.js';
import { CoinbaseCsvFills } from './coinbase-csv.js';
import type { FillFile } from './file-bytes.js';
import { GenericCsvFills } from './generic-csv.js';
import { IbkrFlexFills } from './ibkr-flex.js';
import { SchwabCsvFills } from './schwab-csv.js';

const everything = { since: new Date(0), until: new Date(8.64e15) };
const mapping = ColumnMapping.fromPartial({
  symbol: 'a',
  side: 'b',
  quantity: 'c',
  price: 'd',
  timestamp: 'e',
  fee: 'f',
});
const genericRow = 'AAPL,buy,"1,000",2.5,2026-01-05 09:30:00,0.1\n';
const schwabRow = '"01/30/2026","Buy","AAPL","APPLE INC","1,000","$250.10","","-$250,100.00"\n';
const flexRow =
  '<Trade tradeID="1" dateTime="20260126;115715" symbol="A" quantity="-4" tradePrice="2" ibCommission="-1" buySell="SELL" levelOfDetail="EXECUTION"/>\n';

const formats: [string, string, (file: FillFile) => FillSource][] = [
  ['generic', `a,b,c,d,e,f\n${genericRow.repeat(4)}`, (file) => new GenericCsvFills({ file, mapping })],
  [
    'schwab',
    `"Date","Action","Symbol","Description","Quantity","Price","Fees & Comm","Amount"\n${schwabRow.repeat(4)}`,
    (file) => new SchwabCsvFills({ file }),
  ],
  [
    'coinbase',
    `ID,Timestamp,Transaction Type,Asset,Quantity Transacted,Price Currency,Price at Transaction,Fees and/or Spread\n${'1,2026-01-15 14:03:22 UTC,Buy,BTC,0.1,USD,$9.4,$1.9\n'.repeat(4)}`,
    (file) => new CoinbaseCsvFills({ file }),
  ],
  [
    'flex',
    `<FlexQueryResponse><FlexStatements><FlexStatement><Trades>\n${flexRow.repeat(4)}</Trades></FlexStatement></FlexStatements></FlexQueryResponse>`,
    (file) => new IbkrFlexFills({ file }),
  ],
];

/** Reads a file to its end; anything but a JobFailure passes through and fails the test. */
async function survives(source: FillSource): Promise<void> {
  try {
    for await (const page of source.pages(everything, undefined, new AbortController().signal)) {
      for (const fill of page.fills) {
        expect(fill.quantity).toMatch(/^\d+(\.\d+)?$/);
        expect(fill.price).toMatch(/^\d+(\.\d+)?$/);
        expect(fill.fee).toMatch(/^-?\d+(\.\d+)?$/);
        expect(Number(fill.quantity)).toBeGreaterThan(0);
        expect(Number.isNaN(fill.at.getTime())).toBe(false);
        expect(fill.symbol + fill.extId).not.toMatch(/[\u0000-\u001f]/);
      }
      expect(new Set(page.fills.map(({ extId }) => extId)).size).toBe(page.fills.length);
      for (const error of page.rowErrors) expect(error.message).not.toBe('');
    }
  } catch (error) {
    if (!(error instanceof JobFailure) || error.code === 'INTERNAL') throw error;
  }
}

const snippet = fc.constantFrom(
  ...[
    '"',
    '""',
    ',',
    ';',
    '\t',
    '\n',
    '\r\n',
    '\r',
    '\ufeff',
    '\u0000',
    '-',
    '$',
    '(',
    ')',
    '1e999',
    '9'.repeat(400),
    ' '.repeat(300),
  ],
  ...[
    '<',
    '>',
    '&',
    '&#0;',
    '&lt;',
    '<!--',
    '<![CDATA[',
    '<!DOCTYPE a>',
    '<?x?>',
    '<Trade',
    "'",
    '=',
    '/>',
    '\ud800',
    '💥',
    '٣',
    'İ',
  ],
);
const mutation = fc.record({
  at: fc.double({ min: 0, max: 1, noNaN: true }),
  remove: fc.nat({ max: 20 }),
  insert: fc.oneof(snippet, fc.string()),
});

function mutate(text: string, mutations: { at: number; remove: number; insert: string }[]): string {
  return mutations.reduce((now, { at, remove, insert }) => {
    const from = Math.floor(at * now.length);
    return now.slice(0, from) + insert + now.slice(from + remove);
  }, text);
}

describe.each(formats)('hostile %s files', (_, valid, open) => {
  it('survive mutations of valid ones', async () => {
    const property = fc.asyncProperty(
      fc.array(mutation, { minLength: 1, maxLength: 6 }),
      fc.integer({ min: 1, max: 90 }),
      async (mutations, size) => {
        const bytes = Buffer.from(mutate(valid, mutations));
        await survives(open({ name: 'file', content: bytes }));
        await survives(open({ name: 'file', content: Readable.from(pieces(bytes, size)) }));
      },
    );
    await fc.assert(property, { numRuns: 400 });
  });

  it('survive any bytes', async () => {
    const property = fc.asyncProperty(fc.uint8Array({ maxLength: 2_000 }), async (bytes) => {
      await survives(open({ name: 'file', content: Buffer.from(bytes) }));
    });
    await fc.assert(property, { numRuns: 200 });
  });

  it.each([
    ['quotes', (row: string) => row.replaceAll(',', '","')],
    ['one quote a line', (row: string) => `"${row.slice(1)}`],
    ['blanks', (row: string) => `${' '.repeat(5_000)}${row}`],
    ['commas and digits', (row: string) => `${'1,234'.repeat(3_000)}${row}`],
    ['a long time', (row: string) => row.replace('2026', `2026${' '.repeat(60_000)}`)],
    ['a long number', (row: string) => row.replace('2.5', `${'1,'.repeat(20_000)}1`)],
  ])('do not take long: %s', async (_name, spoil) => {
    const [header, row = header] = valid.split('\n');
    const content = Buffer.from(`${header}\n${`${spoil(row ?? '')}\n`.repeat(100)}`);
    const before = process.cpuUsage();
    await survives(open({ name: 'file', content }));
    // Processor time: how busy the machine is does not matter. A pattern that backtracks takes minutes.
    expect(process.cpuUsage(before).user / 1e6).toBeLessThan(10);
  });
});

function* pieces(bytes: Buffer, size: number): Iterable<Buffer> {
  for (let at = 0; at < bytes.length; at += size) yield bytes.subarray(at, at + size);
}
