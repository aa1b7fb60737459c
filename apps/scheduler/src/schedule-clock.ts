import type { Schedules } from '@roundhouse/ledger';
import { logLine, type Logger } from '@roundhouse/telemetry';

const intervalMs = 500;

/** Fires due schedules, again and again. */
export class ScheduleClock {
  private timer: NodeJS.Timeout | undefined;
  private running: Promise<void> | undefined;
  private stopping = false;

  constructor(
    private readonly schedules: Schedules,
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
      for (const { tenantId: tenant, name, fireTime, jobId: job_id } of await this.schedules.fireDue()) {
        logLine(this.log, 'schedule.fired', { tenant, schedule: name, fire_time: fireTime.toISOString(), job_id });
      }
    } catch (err) {
      logLine(this.log, 'schedule.failed', { err });
    }
  }
}
