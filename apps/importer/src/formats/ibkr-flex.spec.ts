import { Readable } from 'node:stream';
import { collect } from '@roundhouse/testing';
import { IbkrFlexFills, type IbkrFlexConfig } from './ibkr-flex.js';

const everything = { since: new Date(0), until: new Date(8.64e15) };
const never = new AbortController().signal;

const trade = (attributes: Record<string, string | undefined> = {}): string => {
  const all = {
    tradeID: '1001',
    ibExecID: '0000e0d5.65b3.01.01',
    dateTime: '20260126;115715',
    symbol: 'AAPL',
    assetCategory: 'STK',
    quantity: '-40',
    tradePrice: '251.5',
    ibCommission: '-1.0044',
    ibCommissionCurrency: 'USD',
    buySell: 'SELL',
    levelOfDetail: 'EXECUTION',
    ...attributes,
  };
  const text = Object.entries(all).flatMap(([name, value]) => (value === undefined ? [] : [`${name}="${value}"`]));
  return `<Trade ${text.join(' ')} />`;
};

const statement = (...trades: string[]): string =>
  `<?xml version="1.0" encoding="UTF-8"?>\n<FlexQueryResponse queryName="fills" type="AF">\n<FlexStatements count="1">\n` +
  `<FlexStatement accountId="U1" fromDate="20260101" toDate="20260131">\n<Trades>\n${trades.join('\n')}\n</Trades>\n` +
  `</FlexStatement>\n</FlexStatements>\n</FlexQueryResponse>\n`;

function source(xml: string, config: Partial<IbkrFlexConfig> = {}): IbkrFlexFills {
  return new IbkrFlexFills({ file: { name: 'flex.xml', content: Buffer.from(xml) }, ...config });
}

describe('IbkrFlexFills', () => {
  it('reads executions only, with the signs of the format', async () => {
    const xml = statement(
      trade(),
      trade({ tradeID: '1002', quantity: '100', buySell: 'BUY', ibCommission: '0.25', symbol: 'BRK B' }),
      trade({ tradeID: '', levelOfDetail: 'ORDER' }),
      '<Order levelOfDetail="ORDER" symbol="AAPL" quantity="60" />',
    );
    const [page] = await collect(source(xml).pages(everything, undefined, never));
    expect(page!.rowErrors).toEqual([]);
    expect(page!.fills).toEqual([
      {
        extId: '1001',
        symbol: 'AAPL',
        side: 'sell',
        quantity: '40',
        price: '251.5',
        fee: '1.0044',
        feeCurrency: 'USD',
        at: new Date('2026-01-26T16:57:15Z'),
      },
      expect.objectContaining({ extId: '1002', symbol: 'BRK B', side: 'buy', quantity: '100', fee: '-0.25' }),
    ]);
    expect(page).toMatchObject({ fetched: 2, skipped: 1, fraction: 1 });
  });

  it.each([
    ['20260126;115715', {}, '2026-01-26T16:57:15Z'],
    ['2026-07-26, 11:57:15', {}, '2026-07-26T15:57:15Z'],
    ['2026-01-26 11:57:15 EST', { zone: 'Europe/London' }, '2026-01-26T16:57:15Z'],
    ['26-Jan-26;115715', {}, '2026-01-26T16:57:15Z'],
    ['01/02/2026;115715', { dateFormat: 'MM/dd/yyyy' }, '2026-01-02T16:57:15Z'],
    ['01/02/2026;115715', { dateFormat: 'dd/MM/yyyy', zone: 'UTC' }, '2026-02-01T11:57:15Z'],
  ])('reads the time %s', async (dateTime, config, expected) => {
    const [page] = await collect(source(statement(trade({ dateTime })), config).pages(everything, undefined, never));
    expect(page!.rowErrors).toEqual([]);
    expect(page!.fills[0]!.at).toEqual(new Date(expected));
  });

  it.each([
    ['dateTime', { dateTime: '01/02/2026;115715' }, "Flex query's date"],
    ['dateTime', { dateTime: '20260126;115715 XYZ' }, 'unknown time zone'],
    ['quantity', { quantity: '0' }, 'greater than 0'],
    ['quantity', { quantity: undefined }, 'empty'],
    ['tradePrice', { tradePrice: '1,5' }, 'not a number'],
    ['tradeID', { tradeID: '', ibExecID: '' }, 'id of the fill'],
    ['buySell', { buySell: 'BUY' }, 'contradicts'],
    ['buySell', { buySell: 'SELL (Ca.)' }, 'cancelled'],
    ['levelOfDetail', { levelOfDetail: undefined }, 'add it to the Flex query'],
    ['multiplier', { assetCategory: 'OPT' }, 'add it to the Flex query'],
  ])('reports a bad %s with its line and keeps the rest', async (column, attributes, says) => {
    const xml = statement(trade({ tradeID: '1' }), trade(attributes), trade({ tradeID: '3' }));
    const [page] = await collect(source(xml).pages(everything, undefined, never));
    expect(page!.fills.map(({ extId }) => extId)).toEqual(['1', '3']);
    expect(page!.rowErrors).toEqual([
      expect.objectContaining({ row: 7, column, message: expect.stringContaining(says) }),
    ]);
  });

  it('counts contracts in units', async () => {
    const xml = statement(
      trade({ assetCategory: 'OPT', multiplier: '100', quantity: '-3', symbol: 'AAPL  260220C00250000' }),
    );
    const [page] = await collect(source(xml).pages(everything, undefined, never));
    expect(page!.fills[0]).toMatchObject({ quantity: '300', symbol: 'AAPL  260220C00250000' });
  });

  it.each([
    [
      'a DOCTYPE',
      statement(trade()).replace('<FlexQueryResponse', '<!DOCTYPE x [<!ENTITY a "b">]>\n<FlexQueryResponse'),
      'DOCTYPE',
    ],
    ['an unknown entity', statement(trade({ symbol: '&a;' })), 'not well-formed'],
    ['a cut file', statement(trade()).slice(0, -40), 'not well-formed'],
    ['no XML', 'Date,Action', 'not well-formed'],
    ['nothing', '', 'not well-formed'],
    ['another document', '<FlexStatementResponse><Status>Fail</Status></FlexStatementResponse>', 'answer to a request'],
    ['a pit', `<FlexQueryResponse>${'<a>'.repeat(100)}`, 'deeper'],
    ['an endless attribute', `<FlexQueryResponse><Trade symbol="${'x'.repeat(2_000_000)}"/>`, 'between two elements'],
  ])('refuses %s', async (_, xml, says) => {
    await expect(collect(source(xml).pages(everything, undefined, never))).rejects.toMatchObject({
      code: 'INVALID_INPUT',
      field: 'file',
      message: expect.stringContaining(says),
    });
  });

  it('streams in pages of 500 and goes on after each of them', async () => {
    const xml = statement(...Array.from({ length: 1_234 }, (_, i) => trade({ tradeID: String(i) })));
    const stream = (): IbkrFlexFills =>
      new IbkrFlexFills({ file: { name: 'flex.xml', content: Readable.from(pieces(Buffer.from(xml), 777)) } });
    const whole = await collect(stream().pages(everything, undefined, never));
    expect(whole.map(({ fills }) => fills.length)).toEqual([500, 500, 234]);
    expect(whole.map(({ fraction }) => fraction)).toEqual([undefined, undefined, 1]);
    for (let stop = 0; stop < whole.length; stop++) {
      const resumed = await collect(stream().pages(everything, whole[stop]!.cursor, never));
      expect(resumed.flatMap(({ fills }) => fills)).toEqual(whole.slice(stop + 1).flatMap(({ fills }) => fills));
    }
  });
});

function* pieces(bytes: Buffer, size: number): Iterable<Buffer> {
  for (let at = 0; at < bytes.length; at += size) yield bytes.subarray(at, at + size);
}
