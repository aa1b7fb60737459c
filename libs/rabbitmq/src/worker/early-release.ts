import type { Delivery } from '@roundhouse/jobs';

/**
 * Gives a job's slot back when its handler has ended, while its outcome is still on its way to the ledger: a slot is for running. Only so many outcomes may
 * be on their way like that; beyond, a job keeps its slot until the ledger's queue has its outcome, or a process with a slow broker would gather results
 * without end.
 */
export class EarlyRelease {
  private underWay = 0;

  constructor(private readonly most: number) {}

  /** @returns how to end it, which must happen in any case; gives the slot back if that has not been done */
  watch(delivery: Delivery, release: () => void): () => void {
    let released = false;
    delivery.onEnded = () => {
      if (released || this.underWay >= this.most) return;
      released = true;
      this.underWay += 1;
      release();
    };
    return () => {
      delivery.onEnded = undefined;
      if (released) this.underWay -= 1;
      else release();
    };
  }
}
