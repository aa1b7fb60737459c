import type { BarSource } from '../market-data/bar-source.js';
import type { Bar } from '../model/bar.js';
import type { Split } from '../model/split.js';
import type { DataSource } from 'typeorm';
import { BarStore, type DateSpan, type FetchedBars } from './bar-store.js';

export interface CachedSource {
  /** Under this name bars are cached; a change of what the source reads from changes it. */
  name: string;
  source: BarSource;
  /** Bars fetched longer ago are fetched again. */
  maxAgeMs: number;
}

export interface LoadedBars {
  /** Sorted by date. */
  bySymbol: Map<string, Bar[]>;
  /** Of symbols whose prices are restated: their fills have to be, too. */
  splits: Split[];
  /** Symbols no source has bars of. */
  missing: string[];
}

/** Requests to a source at once. */
const concurrency = 4;

/** Bars of the first source that has them, through a cache in PostgreSQL: two queries a source, however many symbols. */
export class BarCache {
  private readonly store: BarStore;

  constructor(
    private readonly database: DataSource,
    private readonly sources: readonly CachedSource[],
    private readonly now: () => Date = () => new Date(),
  ) {
    this.store = new BarStore(database);
  }

  /** Failures of a source are its JobFailures; a symbol it does not know is no failure. */
  async load(symbols: readonly string[], span: DateSpan, signal: AbortSignal): Promise<LoadedBars> {
    const loaded: LoadedBars = { bySymbol: new Map(), splits: [], missing: [...new Set(symbols)] };
    const today = this.now().toISOString().slice(0, 10);
    const asked = { since: span.since, until: span.until < today ? span.until : today };
    for (const source of this.sources) {
      if (loaded.missing.length === 0) break;
      await this.loadFrom(source, asked, loaded, signal);
    }
    return loaded;
  }

  private async loadFrom(cached: CachedSource, span: DateSpan, loaded: LoadedBars, signal: AbortSignal): Promise<void> {
    await this.refresh(cached, loaded.missing, span, signal);
    const ranges = await this.store.ranges(cached.name, loaded.missing);
    const bars = await this.store.load(cached.name, loaded.missing, span);
    for (const [symbol, series] of bars) {
      loaded.bySymbol.set(symbol, series);
      const range = ranges.get(symbol);
      if (range?.adjusted) loaded.splits.push(...range.splits);
    }
    loaded.missing = loaded.missing.filter((symbol) => !bars.has(symbol));
  }

  /** Fetches what is not known for the whole span, or known for too long. */
  private async refresh(cached: CachedSource, symbols: string[], span: DateSpan, signal: AbortSignal): Promise<void> {
    const ranges = await this.store.ranges(cached.name, symbols);
    const oldest = this.now().getTime() - cached.maxAgeMs;
    const wanted: { symbol: string; span: DateSpan }[] = [];
    for (const symbol of symbols) {
      const known = ranges.get(symbol);
      const fresh = known && known.fetchedAt.getTime() >= oldest;
      if (fresh && known.since <= span.since && known.until >= span.until) continue;
      const since = known && known.since < span.since ? known.since : span.since;
      const until = known && known.until > span.until ? known.until : span.until;
      wanted.push({ symbol, span: { since, until } });
    }
    for (let at = 0; at < wanted.length; at += concurrency) {
      const batch = wanted.slice(at, at + concurrency);
      const fetched = await Promise.all(batch.map((one) => this.fetch(cached, one.symbol, one.span, signal)));
      await this.database.transaction((tx) => this.store.replace(tx, cached.name, fetched));
    }
  }

  private async fetch(
    { source }: CachedSource,
    symbol: string,
    span: DateSpan,
    signal: AbortSignal,
  ): Promise<FetchedBars> {
    const fetchedAt = this.now();
    const series = await source.dailyBars(symbol, span.since, span.until, signal);
    const { bars = [], splits = [], adjusted = false } = series ?? {};
    return { symbol, ...span, bars, splits, adjusted, fetchedAt };
  }
}
