import { startLocalProvider, type LocalProvider, type ProviderHandler } from '@roundhouse/testing';
import { BinanceBars } from './binance-bars.js';

const DAY = 86_400_000;
const never = new AbortController().signal;
let provider: LocalProvider;
afterEach(() => provider.close());

async function source(handler: ProviderHandler, now = '2026-11-22T12:00:00Z'): Promise<BinanceBars> {
  provider = await startLocalProvider(handler);
  const local = { baseUrl: provider.baseUrl, allowHttp: true, allowPrivate: true };
  return new BinanceBars({ ...local, now: () => new Date(now) });
}

const kline = (openTime: number): unknown[] => [
  openTime,
  '1.5',
  '2.0',
  '1.0',
  '1.75',
  '1000.5',
  openTime + DAY - 1,
  '0',
  1,
  '0',
  '0',
  '0',
];

/** A pair with a bar for every day, that pages like Binance. */
const everyDay: ProviderHandler = ({ query }) => {
  const [start, end, limit] = ['startTime', 'endTime', 'limit'].map((name) => Number(query.get(name))) as [
    number,
    number,
    number,
  ];
  const first = Math.ceil(start / DAY);
  const count = Math.min(limit, Math.floor(end / DAY) - first + 1);
  return { body: Array.from({ length: count }, (_, i) => kline((first + i) * DAY)) };
};

describe('BinanceBars', () => {
  it('pages through years and leaves today out', async () => {
    const bars = await source(everyDay);
    const series = await bars.dailyBars('BTCUSDT', '2022-01-01', '2026-11-22', never);
    expect(series).toMatchObject({ symbol: 'BTCUSDT', adjusted: false, source: 'binance', splits: [], problems: [] });
    expect(series!.bars[0]).toEqual({ date: '2022-01-01', open: 1.5, high: 2, low: 1, close: 1.75, volume: 1000.5 });
    expect(series!.bars.at(-1)!.date).toBe('2026-11-21');
    expect(series!.bars).toHaveLength((Date.UTC(2026, 10, 22) - Date.UTC(2022, 0, 1)) / DAY);
    expect(provider.requests).toHaveLength(2);
  });

  it('has nothing for an unknown symbol or an empty answer', async () => {
    const unknown = await source(() => ({ status: 400, body: { code: -1121, msg: 'Invalid symbol.' } }));
    await expect(unknown.dailyBars('NOPE', '2026-01-01', '2026-02-01', never)).resolves.toBeUndefined();
    await provider.close();
    const empty = await source(() => ({ body: [] }));
    await expect(empty.dailyBars('BTCUSDT', '2026-01-01', '2026-02-01', never)).resolves.toBeUndefined();
  });

  it.each<[string, number, unknown, string]>([
    ['a ban', 418, { code: -1003, msg: 'Way too many requests' }, 'RATE_LIMITED'],
    ['another refusal', 400, { code: -1120, msg: 'Invalid interval.' }, 'INVALID_INPUT'],
    ['an object', 200, {}, 'UNAVAILABLE'],
    ['no times', 200, [['x']], 'UNAVAILABLE'],
    ['the same page again', 200, Array.from({ length: 1_000 }, () => kline(0)), 'UNAVAILABLE'],
  ])('fails clearly on %s', async (_, status, body, code) => {
    const headers: Record<string, string> = status === 418 ? { 'retry-after': '600' } : {};
    const bars = await source(() => ({ status, body, headers }));
    await expect(bars.dailyBars('BTCUSDT', '2026-01-01', '2026-02-01', never)).rejects.toMatchObject({ code });
  });
});
