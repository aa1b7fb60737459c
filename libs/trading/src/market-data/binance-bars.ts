import { JobFailure } from '@roundhouse/jobs';
import { HttpAnswerError } from '../http/answer-failure.js';
import { HttpJson, type HttpJsonConfig } from '../http/http-json.js';
import { BarCollector } from './bar-collector.js';
import type { BarSeries, BarSource } from './bar-source.js';
import { listOf, unexpectedAnswer } from './json-fields.js';
import { dateIn, dayAfter, startOf } from './market-day.js';

export interface BinanceBarsConfig extends Omit<HttpJsonConfig, 'provider' | 'baseUrl' | 'credential'> {
  /** Default https://api.binance.com. */
  baseUrl?: string;
  /** Now, for tests. */
  now?: () => Date;
}

const LIMIT = 1_000;
/** Binance refuses symbols it does not know, and ones with characters it does not use, with HTTP 400. */
const UNKNOWN_SYMBOL = new Set(['-1121', '-1100']);

/** Daily bars (UTC days) of a Binance pair. Needs no key. */
export class BinanceBars implements BarSource {
  private readonly http: HttpJson;

  /** Throws INVALID_INPUT when the base URL may not be used. */
  constructor(private readonly config: BinanceBarsConfig = {}) {
    this.http = new HttpJson({ ...config, provider: 'Binance', baseUrl: config.baseUrl ?? 'https://api.binance.com' });
  }

  async dailyBars(symbol: string, from: string, to: string, signal: AbortSignal): Promise<BarSeries | undefined> {
    const collector = new BarCollector(from, to);
    const end = startOf('UTC', dayAfter(to)) - 1;
    const now = (this.config.now?.() ?? new Date()).getTime();
    for (let start = startOf('UTC', from); start <= end;) {
      const klines = await this.page(symbol, start, end, signal);
      if (!klines) return undefined;
      let last = -1;
      for (const kline of klines) {
        const [openTime, open, high, low, close, volume, closeTime] = listOf(kline);
        if (typeof openTime !== 'number' || typeof closeTime !== 'number')
          throw unexpectedAnswer('Binance', 'the times of a bar');
        last = Math.max(last, openTime);
        if (closeTime >= now) continue; // today
        const date = dateIn('UTC', new Date(openTime));
        collector.add({ date, open, high, low, close, volume }, date);
      }
      if (klines.length < LIMIT) break;
      if (last < start) throw new JobFailure('UNAVAILABLE', `Binance repeats the bars of ${symbol}`);
      start = last + 1;
    }
    const bars = collector.bars();
    if (bars.length === 0) return undefined;
    return { symbol, bars, splits: [], adjusted: false, source: 'binance', problems: collector.problems };
  }

  /** Undefined for a symbol that Binance does not know. */
  private async page(symbol: string, start: number, end: number, signal: AbortSignal): Promise<unknown[] | undefined> {
    const query = new URLSearchParams({
      symbol,
      interval: '1d',
      startTime: String(start),
      endTime: String(end),
      limit: String(LIMIT),
    });
    try {
      const answer = await this.http.get(() => ({ path: `/api/v3/klines?${query}` }), signal);
      if (!Array.isArray(answer)) throw unexpectedAnswer('Binance', 'a list of bars');
      return answer;
    } catch (error) {
      const cause = error instanceof JobFailure ? error.cause : undefined;
      if (cause instanceof HttpAnswerError && UNKNOWN_SYMBOL.has(cause.providerCode)) return undefined;
      throw error;
    }
  }
}
