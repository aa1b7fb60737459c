export interface RoundsOptions {
  /** Before every round, the first one too, in ms. */
  pauseMs: number;
  /** A round that failed; the next one comes all the same. */
  onError(error: unknown): void;
}

/** Work that comes round again and again, one round at a time with a pause between, until it is stopped. */
export class Rounds {
  private timer: NodeJS.Timeout | undefined;
  private running: Promise<void> | undefined;
  private stopped = false;

  /** `work` is done again without a pause when it answers true: there is more. */
  constructor(
    private readonly work: () => Promise<unknown>,
    private readonly options: RoundsOptions,
  ) {}

  /** For work that takes long, to end sooner. */
  get stopping(): boolean {
    return this.stopped;
  }

  start(): void {
    this.timer = setTimeout(() => {
      this.running = this.round().finally(() => {
        if (!this.stopped) this.start();
      });
    }, this.options.pauseMs);
  }

  /** Resolves when the work under way is done; none begins after it. */
  async stop(): Promise<void> {
    this.stopped = true;
    clearTimeout(this.timer);
    await this.running;
  }

  private async round(): Promise<void> {
    try {
      while (!this.stopped && (await this.work()) === true);
    } catch (error) {
      this.options.onError(error);
    }
  }
}
