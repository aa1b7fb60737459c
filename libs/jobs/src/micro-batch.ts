interface Waiting<I, O> {
  item: I;
  resolve(result: O): void;
  reject(error: unknown): void;
}

export interface MicroBatchOptions<I = unknown> {
  /** Most items in one flush. @default 500 */
  maxItems?: number;
  /** How much an item counts towards `maxItems`. @default 1 each */
  weigh?(item: I): number;
  /** Flushes under way at once; while they run, items gather for the next one. @default 1 */
  maxConcurrent?: number;
  /** Longest time that the first item waits for company, in ms; 0 = until the end of the current event-loop turn. @default 0 */
  lingerMs?: number;
}

/**
 * Lets many callers share one round trip: items that arrive while a flush is under way leave together in the next one.
 * So a lone item goes out at once and the batch grows only with the load.
 * `flush` answers one result per item, in order; a result that is an Error rejects that item alone; throwing rejects all.
 */
export class MicroBatch<I, O> {
  private waiting: Waiting<I, O>[] = [];
  private running = 0;
  private scheduled = false;
  private idle: (() => void)[] = [];
  private readonly maxItems: number;
  private readonly weigh: (item: I) => number;
  private readonly maxConcurrent: number;
  private readonly lingerMs: number;

  constructor(
    private readonly flush: (items: I[]) => Promise<(O | Error)[]>,
    options: MicroBatchOptions<I> = {},
  ) {
    this.maxItems = options.maxItems ?? 500;
    this.weigh = options.weigh ?? (() => 1);
    this.maxConcurrent = options.maxConcurrent ?? 1;
    this.lingerMs = options.lingerMs ?? 0;
  }

  /** Items accepted and not yet answered to their callers' flush. */
  get size(): number {
    return this.waiting.length;
  }

  add(item: I): Promise<O> {
    return new Promise<O>((resolve, reject) => {
      this.waiting.push({ item, resolve, reject });
      this.schedule();
    });
  }

  /** Resolves when everything added so far has been answered. */
  async drained(): Promise<void> {
    if (this.waiting.length === 0 && this.running === 0) return;
    await new Promise<void>((resolve) => this.idle.push(resolve));
  }

  private schedule(): void {
    if (this.scheduled || this.running >= this.maxConcurrent || this.waiting.length === 0) return;
    this.scheduled = true;
    const start = () => {
      this.scheduled = false;
      void this.flushOnce();
    };
    if (this.lingerMs > 0 && this.waiting.length < this.maxItems) setTimeout(start, this.lingerMs);
    else setImmediate(start);
  }

  /** How many of the waiting items make up the next batch; at least one. */
  private fitting(): number {
    let weight = 0;
    let n = 0;
    for (const { item } of this.waiting) {
      weight += this.weigh(item);
      if (n > 0 && weight > this.maxItems) break;
      n += 1;
    }
    return n;
  }

  private async flushOnce(): Promise<void> {
    const batch = this.waiting.splice(0, this.fitting());
    this.running += 1;
    this.schedule();
    try {
      const results = await this.flush(batch.map((w) => w.item));
      batch.forEach((w, i) => {
        const result = results[i];
        if (result instanceof Error) w.reject(result);
        else w.resolve(result as O);
      });
    } catch (error) {
      for (const w of batch) w.reject(error);
    } finally {
      this.running -= 1;
      this.schedule();
      if (this.running === 0 && this.waiting.length === 0) for (const done of this.idle.splice(0)) done();
    }
  }
}
