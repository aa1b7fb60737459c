import type { CardinalityGuard } from './cardinality.js';

export interface Series {
  /** Bounded by the guard; one object for the series' whole life. */
  readonly labels: Readonly<Record<string, string>>;
  value: number;
}

type Labels = Readonly<Record<string, string | undefined>>;

/**
 * The series of one metric, found by their labels without building an object: counting happens several times a job, and
 * the SDK's own way (sort, JSON, hash) costs about a microsecond each.
 */
export class SeriesTable {
  readonly #series = new Map<string, Series>();

  constructor(
    private readonly labelNames: readonly string[],
    private readonly guard: CardinalityGuard,
  ) {}

  of(labels: Labels): Series {
    const key = this.#key(labels);
    return this.#series.get(key) ?? this.#add(labels);
  }

  values(): IterableIterator<Series> {
    return this.#series.values();
  }

  #key(labels: Labels): string {
    let key = '';
    for (const name of this.labelNames) key += `${labels[name] ?? ''}\0`;
    return key;
  }

  /** Values beyond the guard's limit share the series `other`, and are looked up under that each time. */
  #add(labels: Labels): Series {
    const bounded: Record<string, string> = {};
    for (const name of this.labelNames) {
      const value = labels[name];
      if (value !== undefined) bounded[name] = this.guard.value(name, value);
    }
    const key = this.#key(bounded);
    const known = this.#series.get(key);
    if (known !== undefined) return known;
    const series = { labels: bounded, value: 0 };
    this.#series.set(key, series);
    return series;
  }
}
