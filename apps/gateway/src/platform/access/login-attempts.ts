const mostWrong = 20;
const windowMs = 60_000;
/** Addresses that are remembered; beyond it the oldest are forgotten, so that nobody fills the memory. */
const mostAddresses = 10_000;

/** Wrong logins of the last minute by address, of this process. */
export class LoginAttempts {
  private readonly wrong = new Map<string, number[]>();

  /** Seconds until the address may try again; 0: at once. */
  waitSeconds(address: string, now = Date.now()): number {
    const recent = this.recent(address, now);
    const [oldest = now] = recent.slice(-mostWrong);
    return recent.length < mostWrong ? 0 : Math.ceil((oldest + windowMs - now) / 1_000);
  }

  failed(address: string, now = Date.now()): void {
    const recent = [...this.recent(address, now), now];
    this.wrong.delete(address); // to stand last
    this.wrong.set(address, recent);
    const [oldest] = this.wrong.keys();
    if (this.wrong.size > mostAddresses && oldest !== undefined) this.wrong.delete(oldest);
  }

  private recent(address: string, now: number): number[] {
    return (this.wrong.get(address) ?? []).filter((at) => now - at < windowMs);
  }
}
