interface Entry {
  at: number;
  order: number;
  run(): void;
}

/** Time that passes only when something happens. Things of the same moment happen in the order they were planned. */
export class VirtualClock {
  now = 1_000_000;
  private readonly heap: Entry[] = [];
  private order = 0;

  after(ms: number, run: () => void): void {
    this.push({ at: this.now + ms, order: (this.order += 1), run });
  }

  /** Runs until `done` or until the time is over; false: it was over first. */
  runUntil(done: () => boolean, deadline: number): boolean {
    while (!done()) {
      const next = this.pop();
      if (!next || next.at > deadline) return false;
      this.now = next.at;
      next.run();
    }
    return true;
  }

  private before(a: Entry, b: Entry): boolean {
    return a.at < b.at || (a.at === b.at && a.order < b.order);
  }

  private push(entry: Entry): void {
    const { heap } = this;
    let i = heap.push(entry) - 1;
    while (i > 0) {
      const parent = (i - 1) >> 1;
      if (!this.before(entry, heap[parent]!)) break;
      heap[i] = heap[parent]!;
      i = parent;
    }
    heap[i] = entry;
  }

  private pop(): Entry | undefined {
    const { heap } = this;
    const first = heap[0];
    const last = heap.pop();
    if (!last || heap.length === 0) return first;
    let i = 0;
    for (let child = 1; child < heap.length; child = 2 * i + 1) {
      if (child + 1 < heap.length && this.before(heap[child + 1]!, heap[child]!)) child += 1;
      if (!this.before(heap[child]!, last)) break;
      heap[i] = heap[child]!;
      i = child;
    }
    heap[i] = last;
    return first;
  }
}
