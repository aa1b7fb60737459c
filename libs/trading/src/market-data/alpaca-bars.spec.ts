import { startLocalProvider, type LocalProvider, type ProviderHandler } from '@roundhouse/testing';
import { AlpacaBars } from './alpaca-bars.js';

const never = new AbortController().signal;
let provider: LocalProvider;
afterEach(() => provider.close());

async function source(handler: ProviderHandler, now = '2026-11-22T12:00:00Z'): Promise<AlpacaBars> {
  provider = await startLocalProvider(handler);
  const local = { baseUrl: provider.baseUrl, allowHttp: true, allowPrivate: true };
  return new AlpacaBars({ ...local, keyId: 'KEY', secret: 'SECRET', now: () => new Date(now) });
}

const bar = (t: string, c: number): object => ({ t, o: 10, h: 12, l: 9, c, v: 1000, n: 10, vw: 10.5 });

describe('AlpacaBars', () => {
  it('follows the pages and dates bars by New York', async () => {
    const bars = await source(({ query }) =>
      query.get('page_token') === 'next'
        ? { body: { bars: { AAPL: [bar('2026-07-02T04:00:00Z', 11)] }, next_page_token: null } }
        : { body: { bars: { AAPL: [bar('2026-01-05T05:00:00Z', 10.5)] }, next_page_token: 'next' } },
    );
    const series = await bars.dailyBars('AAPL', '2026-01-01', '2026-07-31', never);
    expect(series).toEqual({
      symbol: 'AAPL',
      bars: [
        { date: '2026-01-05', open: 10, high: 12, low: 9, close: 10.5, volume: 1000 },
        { date: '2026-07-02', open: 10, high: 12, low: 9, close: 11, volume: 1000 },
      ],
      splits: [],
      adjusted: false,
      source: 'alpaca',
      problems: [],
    });
    expect(Object.fromEntries(provider.requests[0]!.query)).toEqual({
      symbols: 'AAPL',
      timeframe: '1Day',
      start: '2026-01-01',
      end: '2026-07-31',
      adjustment: 'raw',
      limit: '10000',
    });
    expect(provider.requests[0]!.headers['apca-api-secret-key']).toBe('SECRET');
  });

  it.each([
    ['2026-11-20T20:59:00Z', '2026-11-19'], // 15:59 in New York
    ['2026-11-20T21:20:00Z', '2026-11-20'],
  ])('asks for days that are over: at %s up to %s', async (now, end) => {
    const bars = await source(
      () => ({ body: { bars: { A: [bar('2026-11-19T05:00:00Z', 10)] }, next_page_token: null } }),
      now,
    );
    await bars.dailyBars('A', '2026-11-01', '2026-12-31', never);
    expect(provider.requests[0]!.query.get('end')).toBe(end);
  });

  it.each<[string, number, unknown]>([
    ['no bars', 200, { bars: {}, next_page_token: null }],
    ['null', 200, { bars: null, next_page_token: null }],
    ['an invalid symbol', 400, { message: 'invalid symbol: ???' }],
  ])('has nothing for %s', async (_, status, body) => {
    const bars = await source(() => ({ status, body }));
    await expect(bars.dailyBars('NOPE', '2026-01-01', '2026-07-31', never)).resolves.toBeUndefined();
  });

  it('leaves out what cannot be a bar and says so', async () => {
    const items = [
      bar('2026-01-05T05:00:00Z', 10),
      { ...bar('2026-01-06T05:00:00Z', 10), h: 'x' },
      bar('whenever', 1),
      null,
    ];
    const bars = await source(() => ({ body: { bars: { A: items }, next_page_token: null } }));
    const series = await bars.dailyBars('A', '2026-01-01', '2026-07-31', never);
    expect(series!.bars).toHaveLength(1);
    expect(series!.problems).toHaveLength(3);
  });

  it('fails clearly on endless pages, other answers and refused keys', async () => {
    const endless = await source(() => ({ body: { bars: {}, next_page_token: 'same' } }));
    await expect(endless.dailyBars('A', '2026-01-01', '2026-07-31', never)).rejects.toMatchObject({
      code: 'UNAVAILABLE',
    });
    await provider.close();
    const other = await source(() => ({ body: [] }));
    await expect(other.dailyBars('A', '2026-01-01', '2026-07-31', never)).rejects.toMatchObject({
      code: 'UNAVAILABLE',
    });
    await provider.close();
    const refused = await source(() => ({ status: 403, body: { message: 'forbidden.' } }));
    await expect(refused.dailyBars('A', '2026-01-01', '2026-07-31', never)).rejects.toMatchObject({
      code: 'UNAUTHENTICATED',
    });
  });
});
