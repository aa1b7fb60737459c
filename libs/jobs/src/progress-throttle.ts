/** Progress reported more often than this is thinned out: people cannot read faster, and the ledger writes every one. */
const intervalMs = 250;

/** Lets the first report through at once, then the latest one per interval, and the last one in any case. */
export class ProgressThrottle {
  private pending: { percent: number; message: string } | undefined;
  private timer: NodeJS.Timeout | undefined;

  constructor(private readonly send: (percent: number, message: string) => void) {}

  set(percent: number, message: string): void {
    this.pending = { percent, message };
    if (!this.timer) this.release();
  }

  flush(): void {
    clearTimeout(this.timer);
    this.timer = undefined;
    const last = this.pending;
    this.pending = undefined;
    if (last) this.send(last.percent, last.message);
  }

  private release(): void {
    this.flush();
    this.timer = setTimeout(() => {
      this.timer = undefined;
      if (this.pending) this.release();
    }, intervalMs);
    this.timer.unref();
  }
}
