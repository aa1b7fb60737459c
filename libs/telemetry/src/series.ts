import type { CardinalityGuard } from './cardinality.js';

export interface Series {
  /** Bounded by the guard; one object for the series' whole life. */
  readonly labels: Readonly<Record<string, string>>;
  value: number;
}

type Labels = Readonly<Record<string, string | undefined>>;

/** Series of one metric: below the SDK's own limit of 2000, which would drop labels that we never wrote. */
const MAX_SERIES = 1_500;
const OVERFLOW = 'other';

/**
 * The series of one metric, found by their labels without building an object: counting happens several times a job, and
 * the SDK's own way (sort, JSON, hash) costs about a microsecond each.
 */
export class SeriesTable {
  readonly #series = new Map<string, Series>();

  constructor(
    private readonly labelNames: readonly string[],
    private readonly guard: CardinalityGuard,
    private readonly maxSeries = MAX_SERIES,
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
    const known = this.#series.get(this.#key(bounded));
    if (known !== undefined) return known;
    return this.#series.size < this.maxSeries ? this.#create(bounded) : this.#overflow();
  }

  /** Each label may be within its limit and their combinations still be too many: what comes then is one series. */
  #overflow(): Series {
    const labels = Object.fromEntries(this.labelNames.map((name) => [name, OVERFLOW]));
    return this.#series.get(this.#key(labels)) ?? this.#create(labels);
  }

  #create(labels: Record<string, string>): Series {
    const series = { labels, value: 0 };
    this.#series.set(this.#key(labels), series);
    return series;
  }
}
