import type { Transaction } from '@roundhouse/jobs';
import type { Bar } from '../model/bar.js';
import { Decimal } from '../model/decimal.js';
import type { Split } from '../model/split.js';

/** Calendar dates YYYY-MM-DD, both included. */
export interface DateSpan {
  since: string;
  until: string;
}

/** What is known of a symbol at a source. */
export interface BarRange extends DateSpan {
  symbol: string;
  /** False: the source has no bars of the symbol. */
  found: boolean;
  /** The prices are restated for the splits. */
  adjusted: boolean;
  splits: Split[];
  fetchedAt: Date;
}

/** What was fetched of a symbol: the span that was asked for, and the bars that are in it. */
export interface FetchedBars extends Omit<BarRange, 'found'> {
  bars: readonly Bar[];
}

type SplitRow = { date: string; ratio: string };

/** Daily bars as they were fetched. They are market data, the same for every tenant. */
export class BarStore {
  constructor(private readonly database: Transaction) {}

  /** One query whatever the number of symbols; symbols never asked for are not in it. */
  async ranges(source: string, symbols: readonly string[]): Promise<Map<string, BarRange>> {
    const rows = await this.database.query<(BarRange & { splits: SplitRow[] })[]>(
      `select symbol, since::text as since, until::text as until, found, adjusted, splits, fetched_at as "fetchedAt"
         from trading.bar_ranges where source = $1 and symbol = any($2)`,
      [source, symbols],
    );
    return new Map(
      rows.map((row) => {
        const splits = row.splits.map(({ date, ratio }) => ({ symbol: row.symbol, date, ratio: new Decimal(ratio) }));
        return [row.symbol, { ...row, splits }];
      }),
    );
  }

  /**
   * Replaces all that is known of these symbols: a source that restates prices changes old bars, too. Symbols are locked in
   * their order, so that two that save at once do not block each other for good.
   */
  async replace(tx: Transaction, source: string, fetched: readonly FetchedBars[]): Promise<void> {
    const inOrder = [...fetched].sort((a, b) => (a.symbol < b.symbol ? -1 : 1));
    const symbols = inOrder.map((one) => one.symbol);
    const splitRows = ({ splits }: FetchedBars) => splits.map(({ date, ratio }) => ({ date, ratio: ratio.toFixed() }));
    await tx.query(
      `insert into trading.bar_ranges as r (source, symbol, since, until, found, adjusted, splits, fetched_at)
       select $1, f.* from unnest($2::text[], $3::date[], $4::date[], $5::boolean[], $6::boolean[], $7::jsonb[],
         $8::timestamptz[]) as f
       on conflict (source, symbol) do update set since = excluded.since, until = excluded.until, found = excluded.found,
         adjusted = excluded.adjusted, splits = excluded.splits, fetched_at = excluded.fetched_at`,
      [
        source,
        symbols,
        inOrder.map((one) => one.since),
        inOrder.map((one) => one.until),
        inOrder.map((one) => one.bars.length > 0),
        inOrder.map((one) => one.adjusted),
        inOrder.map((one) => JSON.stringify(splitRows(one))),
        inOrder.map((one) => one.fetchedAt),
      ],
    );
    await tx.query(`delete from trading.bars where source = $1 and symbol = any($2)`, [source, symbols]);
    for (const { symbol, bars } of inOrder) {
      const column = (name: keyof Bar) => bars.map((bar) => bar[name]);
      const columns = (['date', 'open', 'high', 'low', 'close', 'volume'] as const).map(column);
      await tx.query(
        `insert into trading.bars (source, symbol, date, open, high, low, close, volume)
         select $1, $2, b.* from unnest($3::date[], $4::numeric[], $5::numeric[], $6::numeric[], $7::numeric[],
           $8::numeric[]) as b`,
        [source, symbol, ...columns],
      );
    }
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
