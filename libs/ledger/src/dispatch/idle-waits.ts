/** Where loops wait while there is nothing to do: a nudge ends one of the waits, or keeps the next one from beginning. */
export class IdleWaits {
  private wake: (() => void)[] = [];
  private nudged = false;

  endOne(): void {
    this.nudged = true;
    this.wake.shift()?.();
  }

  endAll(): void {
    for (const wake of this.wake.splice(0)) wake();
  }

  async wait(ms: number): Promise<void> {
    if (this.nudged) {
      this.nudged = false;
      return;
    }
    await new Promise<void>((resolve) => {
      const done = () => {
        clearTimeout(timer);
        this.wake = this.wake.filter((w) => w !== done);
        this.nudged = false;
        resolve();
      };
      const timer = setTimeout(done, ms);
      this.wake.push(done);
    });
  }
}
