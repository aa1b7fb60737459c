import { setTimeout as delay } from 'node:timers/promises';
import type { Attempt } from './attempt.js';
import type { RunningJobs } from './execution.js';
import type { InterruptionReason } from './interruption.js';

/** The attempts that this process runs right now: for heartbeats, cancellation and shutdown. */
export class RunningAttempts implements RunningJobs {
  private readonly attempts = new Map<string, Attempt>();
  private idle: (() => void)[] = [];
  private handingBack = false;

  get size(): number {
    return this.attempts.size;
  }

  add(attempt: Attempt): void {
    this.attempts.set(attempt.jobId, attempt);
    // Its claim was under way when the time to finish was over.
    if (this.handingBack) attempt.interrupt('shutdown');
  }

  delete(attempt: Attempt): void {
    if (this.attempts.get(attempt.jobId) === attempt) this.attempts.delete(attempt.jobId);
    if (this.attempts.size === 0) for (const done of this.idle.splice(0)) done();
  }

  has(jobId: string): boolean {
    return this.attempts.has(jobId);
  }

  list(): { jobId: string; attempt: number; token?: Buffer }[] {
    return [...this.attempts.values()].map(({ jobId, attempt, token }) => ({ jobId, attempt, token }));
  }

  /** Interrupts that very attempt; a newer one of the same job is left alone. */
  interrupt(jobId: string, attempt: number, reason: InterruptionReason): void {
    const found = this.attempts.get(jobId);
    if (found?.attempt === attempt) found.interrupt(reason);
  }

  /**
   * Lets running attempts finish for `finishMs`, then tells the rest to stop and hands them back, and those still granted
   * later at once. Resolves when none is left.
   */
  async shutDown(finishMs: number): Promise<void> {
    if (this.attempts.size > 0) await this.finished(finishMs);
    this.handingBack = true;
    if (this.attempts.size === 0) return;
    const idle = this.whenIdle();
    for (const attempt of this.attempts.values()) attempt.interrupt('shutdown');
    await idle;
  }

  private async finished(ms: number): Promise<void> {
    const timer = new AbortController();
    const patience = delay(ms, undefined, { signal: timer.signal }).catch(() => undefined); // aborted: all finished
    await Promise.race([this.whenIdle(), patience]);
    timer.abort();
  }

  private whenIdle(): Promise<void> {
    return new Promise((resolve) => this.idle.push(resolve));
  }
}
