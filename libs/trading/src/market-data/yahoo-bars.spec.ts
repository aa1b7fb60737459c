import { startLocalProvider, type LocalProvider, type ProviderHandler } from '@roundhouse/testing';
import { Decimal } from '../model/decimal.js';
import { YahooBars } from './yahoo-bars.js';

const never = new AbortController().signal;
let provider: LocalProvider;
afterEach(() => provider.close());

async function source(handler: ProviderHandler, now = '2026-11-20T18:00:00Z'): Promise<YahooBars> {
  provider = await startLocalProvider(handler);
  return new YahooBars({ baseUrl: provider.baseUrl, allowHttp: true, allowPrivate: true, now: () => new Date(now) });
}

const seconds = (iso: string): number => Date.parse(iso) / 1_000;

function chart(overrides: object = {}): object {
  const result = {
    meta: {
      symbol: 'AAPL',
      exchangeTimezoneName: 'America/New_York',
      currentTradingPeriod: {
        regular: { start: seconds('2026-11-20T14:30:00Z'), end: seconds('2026-11-20T21:00:00Z') },
      },
    },
    timestamp: ['2026-11-17T14:30:00Z', '2026-11-18T14:30:00Z', '2026-11-19T14:30:00Z', '2026-11-20T18:00:00Z'].map(
      seconds,
    ),
    indicators: {
      quote: [
        {
          open: [10, null, 12, 13],
          high: [11, null, 13, 14],
          low: [9, null, 11, 12],
          close: [10.5, null, 12.5, 13.5],
          volume: [1000, null, null, 50],
        },
      ],
      adjclose: [{ adjclose: [10.4, null, 12.4, 13.4] }],
    },
    events: {
      dividends: { '1763562600': { amount: 0.2, date: 1763562600 } },
      splits: {
        b: { date: seconds('2026-11-19T14:30:00Z'), numerator: 1, denominator: 10, splitRatio: '1:10' },
        a: { date: seconds('2026-11-18T14:30:00Z'), numerator: 4, denominator: 1, splitRatio: '4:1' },
        broken: { date: 1, numerator: 0, denominator: 0 },
      },
    },
    ...overrides,
  };
  return { chart: { result: [result], error: null } };
}

describe('YahooBars', () => {
  it('reads the documented shape, without nulls and without today', async () => {
    const bars = await source(() => ({ body: chart() }));
    const series = await bars.dailyBars('BRK B', '2026-11-01', '2026-11-30', never);
    expect(series).toEqual({
      symbol: 'BRK B',
      bars: [
        { date: '2026-11-17', open: 10, high: 11, low: 9, close: 10.5, volume: 1000 },
        { date: '2026-11-19', open: 12, high: 13, low: 11, close: 12.5, volume: 0 },
      ],
      splits: [
        { symbol: 'BRK B', date: '2026-11-18', ratio: new Decimal(4) },
        { symbol: 'BRK B', date: '2026-11-19', ratio: new Decimal('0.1') },
      ],
      adjusted: true,
      source: 'yahoo',
      problems: [],
    });
    expect(provider.requests[0]).toMatchObject({
      path: '/v8/finance/chart/BRK%20B',
      headers: { 'user-agent': 'Mozilla/5.0' },
    });
  });

  it('takes today once the session is over', async () => {
    const bars = await source(() => ({ body: chart() }), '2026-11-20T21:00:01Z');
    const series = await bars.dailyBars('AAPL', '2026-11-20', '2026-11-20', never);
    expect(series!.bars.map(({ date }) => date)).toEqual(['2026-11-20']);
  });

  it('asks for the splits up to today even for an old window', async () => {
    const bars = await source(() => ({ body: chart() }));
    await expect(bars.dailyBars('AAPL', '2026-01-01', '2026-02-01', never)).resolves.toBeUndefined();
    expect(Number(provider.requests[0]!.query.get('period2'))).toBeGreaterThanOrEqual(seconds('2026-11-20T18:00:00Z'));
  });

  it.each<[string, number, unknown]>([
    [
      'an unknown symbol',
      404,
      { chart: { result: null, error: { code: 'Not Found', description: 'No data found, symbol may be delisted' } } },
    ],
    [
      'a symbol listed later',
      400,
      { chart: { result: null, error: { code: 'Bad Request', description: "Data doesn't exist for startDate = 1" } } },
    ],
    ['an error in an answer', 200, { chart: { result: null, error: { code: 'Not Found', description: 'No data' } } }],
    ['a chart without rows', 200, chart({ timestamp: undefined, indicators: { quote: [{}] } })],
  ])('has nothing for %s', async (_, status, body) => {
    const bars = await source(() => ({ status, body }));
    await expect(bars.dailyBars('NOPE', '2026-11-01', '2026-11-30', never)).resolves.toBeUndefined();
  });

  it.each<[string, number, unknown, string]>([
    ['a limit', 429, 'Too Many Requests', 'RATE_LIMITED'],
    ['an outage', 502, '<html>', 'UNAVAILABLE'],
    ['another answer', 200, { finance: {} }, 'UNAVAILABLE'],
  ])('fails clearly on %s', async (_, status, body, code) => {
    const bars = await source(() => ({ status, body }));
    await expect(bars.dailyBars('AAPL', '2026-11-01', '2026-11-30', never)).rejects.toMatchObject({ code });
  });
});
