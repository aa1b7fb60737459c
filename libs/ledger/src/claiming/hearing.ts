import type { EntityManager } from 'typeorm';

// Workers beat every 8 s. Shorter than any lease, so that it is noticed before the first one runs out.
const silenceMs = 9_000;
/** How long workers may take to report back once they can again. */
const graceMs = 6_000;

/**
 * Whether a worker's silence says anything about that worker. When none at all is heard, it is the broker, the gateways or
 * the database that were away: then no lease may run out until everybody has had the time to report back. Nothing is lost
 * by waiting, because where no worker is heard there is none that could take the jobs over.
 */
export class Hearing {
  private goodSince: number | undefined;

  async isGood(tx: EntityManager): Promise<boolean> {
    const [row] = await tx.query<{ now: number; heard: number | null }[]>(
      `select (extract(epoch from clock_timestamp()) * 1000)::float8 as now,
              (extract(epoch from max(seen_at)) * 1000)::float8 as heard from ledger.workers`,
    );
    if (!row || row.heard === null) return true; // nobody reports to this ledger at all
    if (row.now - row.heard > silenceMs) this.goodSince = undefined;
    else this.goodSince ??= row.now;
    return this.goodSince !== undefined && row.now - this.goodSince >= graceMs;
  }
}
