import { collect } from '@roundhouse/testing';
import { CoinbaseCsvFills } from './coinbase-csv.js';

const EXPORT = [
  '',
  'Transactions',
  'User,Jo Doe,5f0c',
  'ID,Timestamp,Transaction Type,Asset,Quantity Transacted,Price Currency,Price at Transaction,Subtotal,Total (inclusive of fees and/or spread),Fees and/or Spread,Notes',
  '65a1,2026-01-15 14:03:22 UTC,Buy,BTC,0.00123456,USD,$95123.45,$117.44,$119.43,$1.99,"Bought 0.00123456 BTC for $119.43 USD, card"',
  '65a2,2026-01-16 14:03:22 UTC,Advanced Trade Sell,BTC,-0.001,USD,$96000.00,$96.00,$95.42,$0.58,Sold',
  '65a3,2026-01-17 14:03:22 UTC,Staking Income,ETH,0.001,USD,$3000.00,$3.00,$3.00,$0.00,',
].join('\n');

describe('CoinbaseCsvFills', () => {
  it('reads trades below the preamble', async () => {
    const file = { name: 'coinbase.csv', content: Buffer.from(EXPORT) };
    const source = new CoinbaseCsvFills({ file });
    const everything = { since: new Date(0), until: new Date(8.64e15) };
    const [page] = await collect(source.pages(everything, undefined, new AbortController().signal));
    expect(page).toMatchObject({ rowErrors: [], fetched: 2, skipped: 1 });
    expect(page!.fills).toEqual([
      {
        extId: '65a1',
        symbol: 'BTC-USD',
        side: 'buy',
        quantity: '0.00123456',
        price: '95123.45',
        fee: '1.99',
        feeCurrency: 'USD',
        at: new Date('2026-01-15T14:03:22Z'),
      },
      expect.objectContaining({ extId: '65a2', side: 'sell', quantity: '0.001' }),
    ]);
  });
});
