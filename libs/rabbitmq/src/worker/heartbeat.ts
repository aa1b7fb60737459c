import type { RevokedAttempt, WorkerHeartbeat } from '@roundhouse/contracts';
import type { Log } from '@roundhouse/jobs';
import { logLine } from '@roundhouse/telemetry';

export interface HeartbeatOptions {
  intervalMs: number;
  describe(): WorkerHeartbeat;
  send(heartbeat: WorkerHeartbeat): Promise<RevokedAttempt[]>;
  onRevoked(revoked: RevokedAttempt): void;
  log: Log;
}

/** Renews the leases of running attempts in time, and learns which of them must stop. */
export class Heartbeat {
  private readonly timer: NodeJS.Timeout;
  private beating = false;
  private again = false;
  private stopped = false;

  constructor(private readonly options: HeartbeatOptions) {
    this.timer = setInterval(() => void this.beat(), options.intervalMs);
    void this.beat();
  }

  /** One beat now: at start, and at once after a reconnect, before the ledger takes a lost connection for a dead worker. */
  async beat(): Promise<void> {
    // The beat under way may have been sent before what this one is to tell.
    if (this.beating) return void (this.again = true);
    this.beating = true;
    try {
      for (const revoked of await this.options.send(this.options.describe())) this.options.onRevoked(revoked);
    } catch (error) {
      logLine(this.options.log, 'heartbeat.unanswered', { error: String(error) });
    } finally {
      this.beating = false;
    }
    if (this.again && !this.stopped) {
      this.again = false;
      await this.beat();
    }
  }

  stop(): void {
    this.stopped = true;
    clearInterval(this.timer);
  }
}
