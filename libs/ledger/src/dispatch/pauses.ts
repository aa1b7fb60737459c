/** Pauses of several loops: a nudge ends one of them, or keeps the next one from beginning. */
export class Pauses {
  private wake: (() => void)[] = [];
  private nudged = false;

  endOne(): void {
    this.nudged = true;
    this.wake.shift()?.();
  }

  endAll(): void {
    for (const wake of this.wake.splice(0)) wake();
  }

  async pause(ms: number): Promise<void> {
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
