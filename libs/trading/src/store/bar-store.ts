import type { Transaction } from '@roundhouse/jobs';
import type { Bar } from '../model/bar.js';

/** Calendar dates YYYY-MM-DD, both included. */
export interface DateSpan {
  since: string;
  until: string;
}

/** What is known of a symbol at a source. */
export interface BarRange extends DateSpan {
  symbol: string;
  /** False: the source does not know the symbol. */
  found: boolean;
  fetchedAt: Date;
}

/** What was fetched of a symbol: the span that was asked for, and the bars that are in it. */
export interface FetchedBars extends BarRange {
  bars: readonly Bar[];
}

/** Daily bars as they were fetched. They are market data, the same for every tenant. */
export class BarStore {
  constructor(private readonly database: Transaction) {}

  /** One query whatever the number of symbols; symbols never asked for are not in it. */
  async ranges(source: string, symbols: readonly string[]): Promise<Map<string, BarRange>> {
    const rows = await this.database.query<BarRange[]>(
      `select symbol, since::text as since, until::text as until, found, fetched_at as "fetchedAt"
         from trading.bar_ranges where source = $1 and symbol = any($2)`,
      [source, symbols],
    );
    return new Map(rows.map((row) => [row.symbol, row]));
  }

  /**
   * Adds bars and says which span is known now. The known span of a symbol is one piece: what is fetched has to touch or
   * overlap what was known. Symbols are locked in their order, so that two scorers cannot block each other.
   */
  async save(tx: Transaction, source: string, fetched: readonly FetchedBars[]): Promise<void> {
    const inOrder = [...fetched].sort((a, b) => (a.symbol < b.symbol ? -1 : 1));
    await tx.query(
      `insert into trading.bar_ranges as r (source, symbol, since, until, found, fetched_at)
       select $1, f.* from unnest($2::text[], $3::date[], $4::date[], $5::boolean[], $6::timestamptz[]) as f
       on conflict (source, symbol) do update
         set since = case when r.found then least(r.since, excluded.since) else excluded.since end,
             until = case when r.found then greatest(r.until, excluded.until) else excluded.until end,
             found = r.found or excluded.found, fetched_at = excluded.fetched_at`,
      [
        source,
        inOrder.map((one) => one.symbol),
        inOrder.map((one) => one.since),
        inOrder.map((one) => one.until),
        inOrder.map((one) => one.found),
        inOrder.map((one) => one.fetchedAt),
      ],
    );
    const rows = inOrder.flatMap(({ symbol, bars }) => bars.map((bar) => ({ symbol, ...bar })));
    const column = <K extends keyof Bar | 'symbol'>(name: K) => rows.map((row) => row[name]);
    await tx.query(
      `insert into trading.bars (source, symbol, date, open, high, low, close, volume)
       select $1, b.* from unnest($2::text[], $3::date[], $4::numeric[], $5::numeric[], $6::numeric[], $7::numeric[],
         $8::numeric[]) as b
       on conflict (source, symbol, date) do update
         set open = excluded.open, high = excluded.high, low = excluded.low, close = excluded.close, volume = excluded.volume`,
      [
        source,
        column('symbol'),
        column('date'),
        column('open'),
        column('high'),
        column('low'),
        column('close'),
        column('volume'),
      ],
    );
  }

  /** Bars in the span by symbol, sorted by date, in one query. Symbols without any are not in it. */
  async load(source: string, symbols: readonly string[], span: DateSpan): Promise<Map<string, Bar[]>> {
    const rows = await this.database.query<{ symbol: string; bars: number[][]; dates: string[] }[]>(
      `select symbol, array_agg(date::text order by date) as dates,
              array_agg(array[open, high, low, close, volume]::float8[] order by date) as bars
         from trading.bars
        where source = $1 and symbol = any($2) and date between $3 and $4
        group by symbol`,
      [source, symbols, span.since, span.until],
    );
    return new Map(
      rows.map(({ symbol, dates, bars }) => [
        symbol,
        bars.map(([open, high, low, close, volume], i) => ({
          date: dates[i]!,
          open: open!,
          high: high!,
          low: low!,
          close: close!,
          volume: volume!,
        })),
      ]),
    );
  }
}
