/** "12 s", "3 min", "1 h 20 min" */
export function inWords(seconds: number): string {
  if (seconds < 90) return `${Math.max(1, Math.round(seconds))} s`;
  const minutes = Math.round(seconds / 60);
  if (minutes < 90) return `${minutes} min`;
  return `${Math.floor(minutes / 60)} h ${minutes % 60} min`;
}

/** How long the rest takes at the pace so far; undefined until there is one. */
export class TimeLeft {
  private readonly startedAt: number;

  /** @param begunAt what was done before: an earlier attempt's work says nothing about the pace of this one */
  constructor(
    private readonly begunAt: number,
    private readonly now: () => number = () => performance.now(),
  ) {
    this.startedAt = now();
  }

  seconds(done: number, total: number): number | undefined {
    const elapsed = (this.now() - this.startedAt) / 1000;
    const own = done - this.begunAt;
    if (own <= 0 || elapsed < 0.5 || total <= done) return undefined;
    return ((total - done) * elapsed) / own;
  }
}
