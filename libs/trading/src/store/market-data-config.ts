import { bool, list, oneOf, text } from '@roundhouse/service';
import { createHash } from 'node:crypto';
import { z } from 'zod';
import { AlpacaBars } from '../market-data/alpaca-bars.js';
import { BinanceBars } from '../market-data/binance-bars.js';
import { CsvBars } from '../market-data/csv-bars.js';
import { YahooBars } from '../market-data/yahoo-bars.js';
import type { CachedSource } from './bar-cache.js';

const hour = 3_600_000;

/** Where bars come from, for the configuration of every service that reads them. */
export const marketDataFields = {
  /** Folders of CSV files, separated by the system's path delimiter; they are looked into first. */
  marketDataDir: text('one or more folders').optional(),
  /** Asked in this order for symbols the folders do not have. */
  marketDataProviders: list()
    .pipe(z.array(oneOf(['alpaca', 'yahoo', 'binance'])))
    .default([]),
  alpacaDataKeyId: text('a key id').default(''),
  alpacaDataSecret: text('a secret').default(''),
  /** Lets providers be asked over http and at private addresses: for tests and gateways of the own network. */
  allowPrivateProviders: bool().default(false),
};

export type MarketDataConfig = z.output<z.ZodObject<typeof marketDataFields>>;

export function cachedSources(config: MarketDataConfig): CachedSource[] {
  const http = { allowHttp: config.allowPrivateProviders, allowPrivate: config.allowPrivateProviders };
  const sources: CachedSource[] = [];
  const { marketDataDir: folders } = config;
  if (folders !== undefined) {
    // Other folders, other bars. Files are changed by hand, so they are looked at again soon.
    const name = `csv:${createHash('sha256').update(folders).digest('hex').slice(0, 12)}`;
    sources.push({ name, source: new CsvBars({ folders }), maxAgeMs: hour / 6 });
  }
  for (const name of config.marketDataProviders) {
    const keys = { keyId: config.alpacaDataKeyId, secret: config.alpacaDataSecret };
    const source = {
      alpaca: () => new AlpacaBars({ ...http, ...keys }),
      yahoo: () => new YahooBars(http),
      binance: () => new BinanceBars(http),
    }[name]();
    sources.push({ name, source, maxAgeMs: 6 * hour });
  }
  return sources;
}
