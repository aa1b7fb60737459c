export interface Seat {
  /** Runs with nobody beside it. */
  alone: boolean;
  /** How long to wait for it; for a loner not counting while another one runs, which is its queue moving on. */
  patienceMs: number;
  /** Waiting has become pointless. */
  signal: AbortSignal;
}

/**
 * Lets one job at a time have the process to itself: a job that may be what takes processes down must not take others along. Whoever wants to be alone
 * waits until all others have ended, and nobody begins meanwhile.
 */
export class Solitude {
  private running = 0;
  private loner = false;
  private waiting = 0;
  private wake: (() => void)[] = [];

  /** Whether others may begin. */
  get open(): boolean {
    return !this.loner && this.waiting === 0;
  }

  /** Resolves when others may begin. */
  async opened(): Promise<void> {
    while (!this.open) await this.change();
  }

  /** For the many: undefined when somebody is alone or wants to be. */
  enterAtOnce(): (() => void) | undefined {
    return this.open ? this.admit(false) : undefined;
  }

  /** Answers how to leave; undefined: there was no seat in time. */
  async enter({ alone, patienceMs, signal }: Seat): Promise<(() => void) | undefined> {
    if (alone) this.waiting += 1;
    let over = signal.aborted;
    const end = () => {
      over = true;
      this.changed();
    };
    let timer = setTimeout(() => impatient(), patienceMs);
    const impatient = (): void => {
      if (alone && this.loner) timer = setTimeout(impatient, patienceMs);
      else end();
    };
    signal.addEventListener('abort', end);
    try {
      while (!over && !this.mayEnter(alone)) await this.change();
      return this.mayEnter(alone) ? this.admit(alone) : undefined;
    } finally {
      clearTimeout(timer);
      signal.removeEventListener('abort', end);
      if (alone) this.waiting -= 1;
      this.changed();
    }
  }

  private mayEnter(alone: boolean): boolean {
    return alone ? this.running === 0 && !this.loner : this.open;
  }

  private admit(alone: boolean): () => void {
    if (alone) this.loner = true;
    else this.running += 1;
    return () => {
      if (alone) this.loner = false;
      else this.running -= 1;
      this.changed();
    };
  }

  private change(): Promise<void> {
    return new Promise((resolve) => this.wake.push(resolve));
  }

  private changed(): void {
    for (const wake of this.wake.splice(0)) wake();
  }
}
