import { JobFailure } from '@roundhouse/jobs';
import { providerSays } from '../http/answer-failure.js';
import { HttpJson, type HttpJsonConfig } from '../http/http-json.js';
import { BarCollector } from './bar-collector.js';
import type { BarSeries, BarSource } from './bar-source.js';
import { listOf, objectAt, unexpectedAnswer, type JsonObject } from './json-fields.js';
import { dateIn, earlier, lastCompleteUsDay, NEW_YORK } from './market-day.js';

export interface AlpacaBarsConfig extends Omit<HttpJsonConfig, 'provider' | 'baseUrl'> {
  keyId: string;
  secret: string;
  /** Default https://data.alpaca.markets. */
  baseUrl?: string;
  /** 'iex' for accounts without a subscription; default is the account's. */
  feed?: string;
  /** Now, for tests. */
  now?: () => Date;
}

const MOST_PAGES = 100;

/** Daily bars of US stocks from Alpaca, as traded (not adjusted). */
export class AlpacaBars implements BarSource {
  private readonly http: HttpJson;

  /** Throws INVALID_INPUT when the base URL may not be used. */
  constructor(private readonly config: AlpacaBarsConfig) {
    const baseUrl = config.baseUrl ?? 'https://data.alpaca.markets';
    this.http = new HttpJson({ credential: 'API key of the market data', ...config, provider: 'Alpaca', baseUrl });
  }

  async dailyBars(symbol: string, from: string, to: string, signal: AbortSignal): Promise<BarSeries | undefined> {
    const end = earlier(to, lastCompleteUsDay(this.config.now?.() ?? new Date()));
    if (end < from) return undefined;
    const collector = new BarCollector(from, end);
    let token = '';
    for (let page = 0; page < MOST_PAGES; page++) {
      const answer = await this.page({ symbol, from, to: end, token }, signal);
      for (const item of listOf((answer.bars as JsonObject)[symbol])) {
        const bar = objectAt(item);
        const date = dateIn(NEW_YORK, new Date(String(bar.t)));
        collector.add({ date, open: bar.o, high: bar.h, low: bar.l, close: bar.c, volume: bar.v }, date || symbol);
      }
      const next = answer.next_page_token;
      if (typeof next !== 'string' || next === '') {
        const bars = collector.bars();
        if (bars.length === 0) return undefined;
        return { symbol, bars, splits: [], adjusted: false, source: 'alpaca', problems: collector.problems };
      }
      if (next === token) break;
      token = next;
    }
    throw new JobFailure('UNAVAILABLE', `Alpaca does not come to an end of the bars of ${symbol}`);
  }

  private async page(
    asked: { symbol: string; from: string; to: string; token: string },
    signal: AbortSignal,
  ): Promise<JsonObject> {
    const query = new URLSearchParams({
      symbols: asked.symbol,
      timeframe: '1Day',
      start: asked.from,
      end: asked.to,
      adjustment: 'raw',
      limit: '10000',
    });
    if (this.config.feed) query.set('feed', this.config.feed);
    if (asked.token) query.set('page_token', asked.token);
    const headers = { 'apca-api-key-id': this.config.keyId, 'apca-api-secret-key': this.config.secret };
    const answer = objectAt(
      await this.http
        .get(() => ({ path: `/v2/stocks/bars?${query}`, headers }), signal)
        .catch((error: unknown) => {
          if (providerSays(error, /invalid symbol/i)) return { bars: {} };
          throw error;
        }),
    );
    // Alpaca writes null for "no bars at all".
    if (answer.bars === null) return { ...answer, bars: {} };
    if (typeof answer.bars !== 'object') throw unexpectedAnswer('Alpaca', 'bars');
    return answer;
  }
}
