import { logLine, type Logger } from '@roundhouse/telemetry';
import type { DataSource } from 'typeorm';
import { Problem } from '../http/index.js';

const intervalMs = 2_000;

/**
 * Refuses new jobs when the outbox has reached its cap: the broker has been away for so long that taking more would only
 * fill the disk. Counting stops at the cap, so it stays cheap.
 */
export class OutboxLimit {
  private full = false;
  private timer: NodeJS.Timeout | undefined;

  constructor(
    private readonly dataSource: DataSource,
    private readonly cap: number,
    private readonly log: Logger,
  ) {}

  start(): void {
    this.timer = setInterval(() => void this.look(), intervalMs);
  }

  stop(): void {
    clearInterval(this.timer);
  }

  /** Undefined: jobs are accepted. */
  get refusal(): string | undefined {
    return this.full ? `${this.cap} jobs are waiting to be sent to the broker` : undefined;
  }

  assertRoom(): void {
    if (this.refusal) throw new Problem('overloaded', `${this.refusal}; nothing was stored`, { retryAfterSeconds: 10 });
  }

  private async look(): Promise<void> {
    try {
      const [row] = await this.dataSource.query<{ full: boolean }[]>(
        `select count(*) >= $1 as full from (select 1 from ledger.outbox limit $1) o`,
        [this.cap],
      );
      this.full = row?.full ?? false;
    } catch (error) {
      logLine(this.log, 'outbox.not_counted', { err: error }); // the database is away: submissions fail by themselves
    }
  }
}
