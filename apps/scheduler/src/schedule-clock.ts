import { Rounds } from '@roundhouse/jobs';
import type { Schedules } from '@roundhouse/ledger';
import { logLine, type Logger } from '@roundhouse/telemetry';

const intervalMs = 500;
const forgetEveryMs = 3_600_000;
/** Schedules that one look takes at most; after that many there may be more. */
const fullBatch = 100;

/** Fires due schedules, again and again, and lets go of old history. */
export class ScheduleClock {
  private readonly rounds: Rounds;
  private forgotAt = Date.now();

  constructor(
    private readonly schedules: Schedules,
    private readonly forget: () => Promise<void>,
    private readonly log: Logger,
  ) {
    this.rounds = new Rounds(() => this.turn(), {
      pauseMs: intervalMs,
      onError: (err) => logLine(log, 'schedule.failed', { err }),
    });
  }

  start(): void {
    this.rounds.start();
  }

  stop(): Promise<void> {
    return this.rounds.stop();
  }

  /** True: there may be more that is due. */
  private async turn(): Promise<boolean> {
    if ((await this.fire()) >= fullBatch) return true;
    if (Date.now() - this.forgotAt < forgetEveryMs) return false;
    this.forgotAt = Date.now();
    await this.forget();
    return false;
  }

  private async fire(): Promise<number> {
    const fired = await this.schedules.fireDue();
    for (const { tenantId: tenant, name, fireTime, jobId: job_id } of fired)
      logLine(this.log, 'schedule.fired', { tenant, schedule: name, fire_time: fireTime.toISOString(), job_id });
    return fired.length;
  }
}
