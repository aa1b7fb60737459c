import { createHmac } from 'node:crypto';
import { collect, startLocalProvider, type LocalProvider, type ProviderHandler } from '@roundhouse/testing';
import { BinanceFills } from './binance.js';

const fromFacts = {
  symbol: 'BNBBTC',
  id: 28457,
  orderId: 100234,
  price: '4.00000100',
  qty: '12.00000000',
  quoteQty: '48.000012',
  commission: '10.10000000',
  commissionAsset: 'BNB',
  time: 1499865549590,
  isBuyer: true,
  isMaker: false,
};
const DAY = 24 * 3_600_000;
const window = { since: new Date('2017-07-10T00:00:00Z'), until: new Date('2017-07-20T00:00:00Z') };
const never = new AbortController().signal;
const SECRET = 'NhqPtmdSJYdKjVHjA7PZj4Mge3R5YNiP1e3UZjInClVN65XAbvqqM6A7H5fATj0j';

let provider: LocalProvider;
afterEach(() => provider.close());

async function source(handler: ProviderHandler, symbols = ['BNBBTC']): Promise<BinanceFills> {
  provider = await startLocalProvider(handler);
  return new BinanceFills({
    connection: 'main',
    apiKey: 'KEY',
    secret: SECRET,
    symbols,
    baseUrl: provider.baseUrl,
    allowHttp: true,
    allowPrivate: true,
  });
}

type Trade = typeof fromFacts;

/** Trades of the given symbols, answered under Binance's rules, which are checked on the way. */
function exchange(trades: Trade[]): ProviderHandler {
  return ({ query, headers, rawQuery }) => {
    const [signed = '', signature] = rawQuery.split('&signature=');
    if (headers['x-mbx-apikey'] !== 'KEY' || createHmac('sha256', SECRET).update(signed).digest('hex') !== signature)
      return { status: 400, body: { code: -1022, msg: 'Signature for this request is not valid.' } };
    const number = (name: string): number | undefined => (query.has(name) ? Number(query.get(name)) : undefined);
    const [fromId, start, end] = [number('fromId'), number('startTime'), number('endTime')];
    if ((fromId !== undefined && start !== undefined) || (start !== undefined && end! - start > DAY))
      return { status: 400, body: { code: -1127, msg: 'More than 24 hours between startTime and endTime.' } };
    const found = trades.filter(
      ({ symbol, id, time }) =>
        symbol === query.get('symbol') && id >= (fromId ?? 0) && time >= (start ?? 0) && time <= (end ?? Infinity),
    );
    return { body: found.slice(0, Number(query.get('limit'))) };
  };
}

function tradesOf(symbol: string, count: number, from: string, everyMs: number): Trade[] {
  return Array.from({ length: count }, (_, i) => ({
    ...fromFacts,
    symbol,
    id: 500 + i * 3,
    time: Date.parse(from) + i * everyMs,
  }));
}

describe('BinanceFills', () => {
  it('reads the documented shape, the fee in its own asset', async () => {
    const fills = await source(
      exchange([fromFacts, { ...fromFacts, id: 28458, isBuyer: false, commissionAsset: 'BTC' }]),
    );
    const pages = await collect(fills.pages(window, undefined, never));
    expect(pages.flatMap((page) => page.fills)).toEqual([
      {
        extId: 'BNBBTC:28457',
        symbol: 'BNBBTC',
        side: 'buy',
        quantity: '12',
        price: '4.000001',
        fee: '10.1',
        feeCurrency: 'BNB',
        at: new Date(1499865549590),
      },
      expect.objectContaining({ extId: 'BNBBTC:28458', side: 'sell', feeCurrency: 'BTC' }),
    ]);
    expect(pages.at(-1)!.fraction).toBe(1);
  });

  it('searches day by day, then goes by id, and takes only the window', async () => {
    const trades = [
      ...tradesOf('BNBBTC', 5, '2017-07-01T00:00:00Z', 1_000),
      ...tradesOf('BNBBTC', 2_500, '2017-07-12T05:00:00Z', 60_000).map((trade) => ({
        ...trade,
        id: trade.id + 10_000,
      })),
      ...tradesOf('BNBBTC', 3, '2017-07-20T00:00:00Z', 1_000).map((trade) => ({ ...trade, id: trade.id + 100_000 })),
    ];
    const fills = await source(exchange(trades));
    const pages = await collect(fills.pages(window, undefined, never));
    const ids = pages.flatMap((page) => page.fills.map(({ extId }) => extId));
    expect(ids).toHaveLength(2_500);
    expect(new Set(ids).size).toBe(2_500);
    expect(provider.requests.map(({ query }) => (query.has('fromId') ? 'id' : 'time')).join(' ')).toBe(
      'time time time id id',
    );
    const fractions = pages.map(({ fraction }) => fraction!);
    expect(fractions).toEqual([...fractions].sort((a, b) => a - b));
  });

  it('pages everything by id from 0', async () => {
    const fills = await source(exchange(tradesOf('BNBBTC', 1_200, '2017-07-01T00:00:00Z', 1_000)));
    const pages = await collect(fills.pages({ since: new Date(0), until: new Date(8.64e15) }, undefined, never));
    expect(pages.map((page) => page.fills.length)).toEqual([1_000, 200]);
  });

  it('goes on after every page of several symbols', async () => {
    const trades = [
      ...tradesOf('AAABTC', 2_100, '2017-07-11T00:00:00Z', 60_000),
      ...tradesOf('BBBBTC', 1_000, '2017-07-13T00:00:00Z', 60_000),
    ];
    const symbols = ['aaabtc', 'BBBBTC', 'CCCBTC'];
    const whole = await collect((await source(exchange(trades), symbols)).pages(window, undefined, never));
    const all = whole.flatMap(({ fills }) => fills);
    expect(new Set(all.map(({ extId }) => extId)).size).toBe(3_100);
    await provider.close();
    for (let stop = 0; stop < whole.length; stop++) {
      const resumed = await collect(
        (await source(exchange(trades), symbols)).pages(window, whole[stop]!.cursor, never),
      );
      expect(resumed.flatMap(({ fills }) => fills)).toEqual(whole.slice(stop + 1).flatMap(({ fills }) => fills));
      expect(resumed.at(-1)!.fraction).toBe(1);
      await provider.close();
    }
  });

  it('reports an unknown symbol and imports the others', async () => {
    const answer = exchange(tradesOf('BNBBTC', 2, '2017-07-11T00:00:00Z', 1));
    const fills = await source(
      (request, response) =>
        request.query.get('symbol') === 'NOPE'
          ? { status: 400, body: { code: -1121, msg: 'Invalid symbol.' } }
          : answer(request, response),
      ['NOPE', 'BNBBTC'],
    );
    const pages = await collect(fills.pages(window, undefined, never));
    expect(pages.flatMap((page) => page.rowErrors)).toEqual([
      { row: 1, column: 'symbol', value: 'NOPE', message: expect.stringContaining('does not know') },
    ]);
    expect(pages.flatMap((page) => page.fills)).toHaveLength(2);
  });

  it('keeps good rows beside bad ones', async () => {
    const bad = { ...fromFacts, id: 28458, qty: '0.00000000' };
    const fills = await source(exchange([fromFacts, bad, { ...fromFacts, id: 28459 }]));
    const pages = await collect(fills.pages(window, undefined, never));
    expect(pages.flatMap((page) => page.rowErrors)).toEqual([
      expect.objectContaining({ row: 2, column: 'qty', value: '0' }),
    ]);
    expect(pages.flatMap((page) => page.fills)).toHaveLength(2);
  });

  it('corrects a wrong clock by the clock of the exchange', async () => {
    const ahead = 3_600_000;
    const answer = exchange([fromFacts]);
    const fills = await source((request, response) => {
      if (request.path === '/api/v3/time') return { body: { serverTime: Date.now() + ahead } };
      if (Math.abs(Number(request.query.get('timestamp')) - Date.now() - ahead) > 5_000)
        return { status: 400, body: { code: -1021, msg: 'Timestamp for this request is outside of the recvWindow.' } };
      return answer(request, response);
    });
    const pages = await collect(fills.pages(window, undefined, never));
    expect(pages.flatMap((page) => page.fills)).toHaveLength(1);
    expect(provider.requests.filter(({ path }) => path === '/api/v3/time')).toHaveLength(1);
  });

  it.each([
    [401, -2015, 'UNAUTHENTICATED', undefined],
    [400, -1022, 'UNAUTHENTICATED', undefined],
    [418, -1003, 'RATE_LIMITED', 7_200_000],
    [400, -1100, 'INVALID_INPUT', undefined],
  ])('maps HTTP %i code %i to %s without showing the signature', async (status, code, failure, retryAfterMs) => {
    const headers: Record<string, string> = status === 418 ? { 'retry-after': '7200' } : {};
    const fills = await source(() => ({ status, body: { code, msg: 'Refused.' }, headers }));
    const error = await collect(fills.pages(window, undefined, never)).catch((e: unknown) => e);
    expect(error).toMatchObject({ code: failure, retryAfterMs });
    expect(String((error as Error).stack)).not.toContain('signature=');
  });

  it('refuses a connection without symbols', () => {
    const config = { connection: 'main', apiKey: 'k', secret: 's', symbols: [' '] };
    expect(() => new BinanceFills(config)).toThrow(
      expect.objectContaining({ code: 'INVALID_INPUT', field: 'symbols' }),
    );
  });
});
