import { createHash } from 'node:crypto';
import type { BiasTag, WindowFinding } from '../biases/bias-tag.js';
import type { RoundTrip } from '../lots/round-trip.js';
import { Decimal } from '../model/decimal.js';
import type { Fill } from '../model/fill.js';
import { weekOf } from '../statistics/week.js';
import { buildDigest, type DigestSources } from './build-digest.js';
import { digestContentSecurityPolicy } from './digest-style.js';
import { formatConfidence, formatHours, formatInstant, formatMoney } from './format.js';
import { renderDigestHtml } from './render-digest-html.js';

const week = weekOf('2026-06-24', 'America/New_York');
const hostile = `<img src=x onerror="a()">'&`;
let count = 0;
function trip(pnl: number, exitAt: string, symbol = 'KEST'): RoundTrip {
  count += 1;
  return {
    id: `trip-${count}`,
    userId: 'u',
    symbol,
    direction: 'long',
    method: 'fifo',
    entryFillId: `in-${count}`,
    exitFillId: `out-${count}`,
    entryAt: new Date(Date.parse(exitAt) - 36 * 3_600_000),
    exitAt: new Date(exitAt),
    quantity: new Decimal(10),
    entryPrice: new Decimal(100),
    exitPrice: new Decimal(100 + pnl / 10),
    entryCost: new Decimal('0.5'),
    exitCost: new Decimal('0.5'),
    pnl: new Decimal(pnl),
  };
}
const fill: Fill = {
  id: 'f',
  userId: 'u',
  broker: 'binance',
  extId: '1',
  symbol: 'BTCUSDT',
  side: 'buy',
  quantity: new Decimal(1),
  price: new Decimal(1),
  fee: new Decimal('0.00012'),
  feeCurrency: 'BNB',
  at: new Date('2026-06-23T12:00:00Z'),
};
const finding: WindowFinding = {
  label: 'disposition',
  status: 'tagged',
  confidence: 0.99996,
  pValue: 0.00004,
  adjustedPValue: 0.0001,
  features: {},
  method: 'posterior',
  n: 80,
  baseline: 0.25,
  insight: `Consistent with ${hostile}`,
};
const sources = (): DigestSources => {
  count = 0;
  const roundTrips = [
    trip(500, '2026-06-10T15:00:00Z'),
    trip(197.75, '2026-06-22T15:00:00Z'),
    trip(98.9, '2026-06-23T15:00:00Z'),
    // Sunday 23:30 in New York is Monday in UTC, and still this week.
    trip(-2, '2026-06-29T03:30:00Z', hostile),
    trip(1000, '2026-06-29T04:00:00Z'),
  ];
  const tag: BiasTag = {
    ...finding,
    id: 't',
    userId: 'u',
    label: 'chasing',
    scope: 'trade',
    symbol: hostile,
    fillId: 'out-4',
    roundTripId: null,
    at: new Date('2026-06-28T12:00:00Z'),
    confidence: 0.97,
  };
  return {
    userId: 'u',
    week,
    roundTrips,
    fills: [fill],
    tags: [tag],
    findings: [
      finding,
      { ...finding, label: 'revenge', status: 'insufficient_data', confidence: null, insight: 'Needs more' },
    ],
  };
};

describe('buildDigest', () => {
  it('counts the trades closed in the local week and nothing else', () => {
    const { statistics, days, equity, trades, tags, otherFees } = buildDigest(sources());
    expect(statistics).toMatchObject({
      trades: 3,
      wins: 2,
      netPnl: '294.65',
      profitFactor: 148.325,
      fees: '3',
      sharpe: null,
      meanHoldingHours: 36,
    });
    expect(statistics.winRate).toBeCloseTo(0.6667, 4);
    expect(Number(statistics.expectancy)).toBeCloseTo(98.2167, 4);
    expect(statistics.maxDrawdown).toEqual({ amount: '2', share: null });
    expect(days.map((day) => day.pnl)).toEqual(['197.75', '98.9', '0', '0', '0', '0', '-2']);
    expect(equity.days).toHaveLength(91);
    expect(equity.days[90]).toEqual({ date: '2026-06-28', total: '794.65' });
    expect(trades[0]!.labels).toEqual(['chasing']);
    expect(tags).toMatchObject([{ label: 'chasing', count: 1 }]);
    expect(otherFees).toEqual([{ currency: 'BNB', amount: '0.00012' }]);
  });

  it('is plain JSON, the same every time', () => {
    const digest = buildDigest(sources());
    expect(JSON.parse(JSON.stringify(digest))).toEqual(digest);
    expect(buildDigest(sources())).toEqual(digest);
  });

  it('has Sharpe, Sortino and a share of drawdown once equity is known, and R once stops are', () => {
    const stops = new Map([['trip-2', new Decimal(90)]]);
    const { statistics } = buildDigest({ ...sources(), startingEquity: new Decimal(10_000), stops });
    expect(statistics.sharpe).toBeGreaterThan(0);
    expect(statistics.maxDrawdown.share).toBeGreaterThan(0);
    expect(statistics.meanR).toBeCloseTo(1.9775, 9);
  });
});

describe('renderDigestHtml', () => {
  it('is one page without scripts, outside references or inline styles; everything is escaped', async () => {
    const html = await renderDigestHtml(buildDigest(sources()));
    expect(html).not.toMatch(/<script|<img|<link|<iframe|javascript:|\sstyle=|\son\w+="|@import|url\(/i);
    expect(html.replaceAll('http://www.w3.org/2000/svg', '')).not.toMatch(/https?:/);
    expect(html).toContain('&lt;img src=x onerror=&quot;a()&quot;&gt;&#39;&amp;');
    expect(html.match(/<svg /g)!.length).toBe(6);
    expect(html.match(/role="img" aria-label="/g)!.length).toBe(6);
    expect(html).toContain('148.3');
    expect(html).toContain('&gt; 99.9');
    expect(html).not.toMatch(/undefined|NaN|\[object/);
  });

  it('its style is the one the policy names', async () => {
    const html = await renderDigestHtml(buildDigest(sources()));
    const style = /<style>([\s\S]*?)<\/style>/.exec(html)![1]!;
    expect(digestContentSecurityPolicy).toContain(createHash('sha256').update(style).digest('base64'));
  });

  it('says so when nothing was closed', async () => {
    const html = await renderDigestHtml(buildDigest({ ...sources(), roundTrips: [], tags: [], findings: [] }));
    expect(html).toContain('No trade was closed');
    expect(html).not.toMatch(/<svg|undefined|NaN|null/);
  });
});

it('formats money, durations, instants and confidence', () => {
  expect(formatMoney('-1234.5', 'USD')).toBe('−$1,234.50');
  expect(formatMoney('12345678901234567890.12', 'USDT')).toBe('12,345,678,901,234,567,890.12 USDT');
  expect([formatHours(0.5), formatHours(6.24), formatHours(100)]).toEqual(['30 min', '6.2 h', '4.2 days']);
  expect(formatInstant('2026-06-29T03:30:00Z', 'America/New_York')).toBe('Sun 28 Jun, 23:30');
  expect(formatConfidence(0.9999)).toBe('> 99.9\u00a0%');
  expect(formatConfidence(0.9512)).toBe('95.1\u00a0%');
});
