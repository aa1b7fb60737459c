import type { Schedules } from '@roundhouse/ledger';
import { logLine, type Logger } from '@roundhouse/telemetry';

const intervalMs = 500;
const forgetEveryMs = 3_600_000;
/** Schedules that one look takes at most; after that many there may be more. */
const fullBatch = 100;

/** Fires due schedules, again and again, and lets go of old history. */
export class ScheduleClock {
  private timer: NodeJS.Timeout | undefined;
  private running: Promise<void> | undefined;
  private stopping = false;
  private forgotAt = Date.now();

  constructor(
    private readonly schedules: Schedules,
    private readonly forget: () => Promise<void>,
    private readonly log: Logger,
  ) {}

  start(): void {
    this.timer = setTimeout(() => {
      this.running = this.turn().finally(() => {
        if (!this.stopping) this.start();
      });
    }, intervalMs);
  }

  async stop(): Promise<void> {
    this.stopping = true;
    clearTimeout(this.timer);
    await this.running;
  }

  private async turn(): Promise<void> {
    try {
      while ((await this.fire()) >= fullBatch && !this.stopping);
      if (Date.now() - this.forgotAt < forgetEveryMs) return;
      this.forgotAt = Date.now();
      await this.forget();
    } catch (err) {
      logLine(this.log, 'schedule.failed', { err });
    }
  }

  private async fire(): Promise<number> {
    const fired = await this.schedules.fireDue();
    for (const { tenantId: tenant, name, fireTime, jobId: job_id } of fired)
      logLine(this.log, 'schedule.fired', { tenant, schedule: name, fire_time: fireTime.toISOString(), job_id });
    return fired.length;
  }
}
