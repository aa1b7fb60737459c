import { JobFailure } from '@roundhouse/jobs';
import { providerSays } from '../http/answer-failure.js';
import { HttpJson, type HttpJsonConfig } from '../http/http-json.js';
import { Decimal } from '../model/decimal.js';
import type { Split } from '../model/split.js';
import { BarCollector } from './bar-collector.js';
import type { BarSeries, BarSource } from './bar-source.js';
import { isObject, listOf, objectAt, unexpectedAnswer, type JsonObject } from './json-fields.js';
import { dateIn, NEW_YORK, startOf } from './market-day.js';

export interface YahooBarsConfig extends Omit<HttpJsonConfig, 'provider' | 'baseUrl' | 'credential'> {
  /** Default https://query1.finance.yahoo.com. */
  baseUrl?: string;
  /** Yahoo turns unknown programs away. Default 'Mozilla/5.0'. */
  userAgent?: string;
  /** Now, for tests. */
  now?: () => Date;
}

/**
 * Daily bars from Yahoo's chart API. Its prices are restated for every split up to today, also those after `to`: so the
 * splits up to today are fetched and returned, for the fills to be restated alike.
 */
export class YahooBars implements BarSource {
  private readonly http: HttpJson;

  /** Throws INVALID_INPUT when the base URL may not be used. */
  constructor(private readonly config: YahooBarsConfig = {}) {
    const baseUrl = config.baseUrl ?? 'https://query1.finance.yahoo.com';
    this.http = new HttpJson({ ...config, provider: 'Yahoo', baseUrl });
  }

  async dailyBars(symbol: string, from: string, to: string, signal: AbortSignal): Promise<BarSeries | undefined> {
    const now = this.config.now?.() ?? new Date();
    const result = await this.chart(symbol, from, now, signal);
    if (!result) return undefined;
    const meta = objectAt(result, 'meta');
    const zone = zoneOf(meta);
    const collector = new BarCollector(from, to);
    const quote = objectAt(result, 'indicators', 'quote', 0);
    const column = (name: string): unknown[] => listOf(quote[name]);
    const [open, high, low, close, volume] = ['open', 'high', 'low', 'close', 'volume'].map(column) as [
      unknown[],
      unknown[],
      unknown[],
      unknown[],
      unknown[],
    ];
    const lastComplete = lastCompleteDate(meta, zone, now);
    listOf(result.timestamp).forEach((time, i) => {
      const date = dateIn(zone, new Date(Number(time) * 1_000));
      // Yahoo has a row of nulls for a day without trades, and one for today while it is going on.
      if (date > lastComplete || open[i] == null || high[i] == null || low[i] == null || close[i] == null) return;
      collector.add({ date, open: open[i], high: high[i], low: low[i], close: close[i], volume: volume[i] ?? 0 }, date);
    });
    const bars = collector.bars();
    if (bars.length === 0) return undefined;
    return {
      symbol,
      bars,
      splits: splitsOf(symbol, result, zone),
      adjusted: true,
      source: 'yahoo',
      problems: collector.problems,
    };
  }

  /** `chart.result[0]`, undefined for a symbol that Yahoo does not know. */
  private async chart(symbol: string, from: string, now: Date, signal: AbortSignal): Promise<JsonObject | undefined> {
    // A day more on either side: sessions of other continents begin on another UTC day.
    const period1 = String(Math.floor(startOf('UTC', from) / 1_000) - 86_400);
    const period2 = String(Math.floor(now.getTime() / 1_000) + 86_400);
    const query = new URLSearchParams({ period1, period2, interval: '1d', events: 'div,splits' });
    const path = `/v8/finance/chart/${encodeURIComponent(symbol)}?${query}`;
    const headers = { 'user-agent': this.config.userAgent ?? 'Mozilla/5.0' };
    try {
      const answer = await this.http.get(() => ({ path, headers }), signal);
      const chart = objectAt(answer, 'chart');
      const [result] = listOf(chart.result);
      if (isObject(result)) return result;
      if (isObject(chart.error)) return undefined;
      throw unexpectedAnswer('Yahoo', 'a chart');
    } catch (error) {
      if (error instanceof JobFailure && error.code === 'NOT_FOUND') return undefined;
      // A symbol that is listed later or was delisted before.
      if (providerSays(error, /data doesn't exist/i)) return undefined;
      throw error;
    }
  }
}

function zoneOf(meta: JsonObject): string {
  const zone = typeof meta.exchangeTimezoneName === 'string' ? meta.exchangeTimezoneName : '';
  return dateIn(zone, new Date(0)) ? zone : NEW_YORK;
}

/** Today counts once the regular session is over; without session times (they come with the chart) it does not. */
function lastCompleteDate(meta: JsonObject, zone: string, now: Date): string {
  const { end } = objectAt(meta, 'currentTradingPeriod', 'regular');
  const over =
    typeof end === 'number' &&
    end * 1_000 <= now.getTime() &&
    dateIn(zone, new Date(end * 1_000)) === dateIn(zone, now);
  return over ? dateIn(zone, now) : dateIn(zone, new Date(startOf(zone, dateIn(zone, now)) - 1));
}

function splitsOf(symbol: string, result: JsonObject, zone: string): Split[] {
  const events = Object.values(objectAt(result, 'events', 'splits')).map((event) => objectAt(event));
  return events
    .filter(({ numerator, denominator }) => Number(numerator) > 0 && Number(denominator) > 0)
    .map(({ date, numerator, denominator }) => ({
      symbol,
      date: dateIn(zone, new Date(Number(date) * 1_000)),
      ratio: new Decimal(Number(numerator)).div(Number(denominator)),
    }))
    .filter(({ date }) => date !== '')
    .sort((a, b) => (a.date < b.date ? -1 : 1));
}
