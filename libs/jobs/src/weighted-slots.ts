export interface SlotClass {
  queue: string;
  /** Share of the slots while several queues have work. */
  weight: number;
  /** Slots that the queue may have at once. */
  processLimit: number | undefined;
}

interface Lane extends SlotClass {
  /** Virtual time used up: slots taken divided by weight. */
  pass: number;
  running: number;
  waiting: ((release: () => void) => void)[];
}

/**
 * Shares a process's slots among queues by weight, without starving any (stride scheduling, Waldspurger & Weihl 1995): a
 * free slot goes to the waiting queue that has used up the least of its share. A queue that was idle starts at the
 * present, so that it cannot claim the time it slept.
 */
export class WeightedSlots {
  private readonly lanes: Map<string, Lane>;
  private free: number;
  /** The pass of the last lane served. */
  private present = 0;

  constructor(
    private readonly total: number,
    classes: readonly SlotClass[],
  ) {
    this.free = total;
    this.lanes = new Map(classes.map((c) => [c.queue, { ...c, pass: 0, running: 0, waiting: [] }]));
  }

  get running(): number {
    return this.total - this.free;
  }

  /** Resolves with how to give the slot back, once it is the queue's turn. */
  acquire(queue: string): Promise<() => void> {
    const lane = this.lanes.get(queue);
    if (!lane) return Promise.reject(new Error(`Queue ${queue} has no share of this process`));
    return new Promise((resolve) => {
      if (lane.waiting.length === 0 && lane.running === 0) lane.pass = Math.max(lane.pass, this.present);
      lane.waiting.push(resolve);
      this.serve();
    });
  }

  private serve(): void {
    for (let lane = this.next(); lane; lane = this.next()) {
      this.present = lane.pass;
      lane.pass += 1 / lane.weight;
      lane.running += 1;
      this.free -= 1;
      lane.waiting.shift()?.(this.releaseOnce(lane));
    }
  }

  private next(): Lane | undefined {
    if (this.free <= 0) return undefined;
    let best: Lane | undefined;
    for (const lane of this.lanes.values()) {
      if (lane.waiting.length === 0 || lane.running >= (lane.processLimit ?? Infinity)) continue;
      if (!best || lane.pass < best.pass) best = lane;
    }
    return best;
  }

  private releaseOnce(lane: Lane): () => void {
    let released = false;
    return () => {
      if (released) return;
      released = true;
      lane.running -= 1;
      this.free += 1;
      this.serve();
    };
  }
}
