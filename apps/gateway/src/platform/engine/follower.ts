// Nudges may be lost; a viewer is never staler than this.
const backstopMs = 3_000;

/** Reads again whenever it is woken, one read at a time, and from time to time anyway. */
export class Follower {
  private timer: NodeJS.Timeout | undefined;
  private reading = false;
  private again = false;
  private stopped = false;

  /** @param read must not be called concurrently; when it fails the next turn tries again */
  constructor(private readonly read: () => Promise<void>) {}

  start(): void {
    this.wake();
  }

  wake(): void {
    if (this.stopped) return;
    if (this.reading) this.again = true;
    else void this.turn();
  }

  stop(): void {
    this.stopped = true;
    clearTimeout(this.timer);
  }

  private async turn(): Promise<void> {
    clearTimeout(this.timer);
    this.reading = true;
    try {
      await this.read();
    } catch {
      // The database is away: the stream stays open and catches up at the next turn.
    }
    this.reading = false;
    if (this.stopped) return;
    if (this.again) {
      this.again = false;
      this.wake();
    } else {
      this.timer = setTimeout(() => this.wake(), backstopMs);
    }
  }
}
