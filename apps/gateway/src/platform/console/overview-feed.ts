import type { DataSource } from 'typeorm';
import { OverviewReader } from './overview.js';
import type { Overview } from './overview-view.js';
import type { QueueDepths } from './queue-depths.js';

const everyMs = 5_000;
// Whoever comes back soon finds the figures of the day still there.
const forgetMs = 600_000;

interface Watched {
  reader: OverviewReader;
  viewers: Set<(overview: Overview) => void>;
  latest: Overview | undefined;
  reading: Promise<Overview> | undefined;
  usedAt: number;
}

/** The overview of every tenant somebody is looking at, read once for all who look, and not at all when nobody does. */
export class OverviewFeed {
  private readonly tenants = new Map<string, Watched>();
  private timer: NodeJS.Timeout | undefined;

  constructor(
    private readonly dataSource: DataSource,
    private readonly depths: QueueDepths,
    private readonly onFailure: (error: unknown) => void,
  ) {}

  start(): void {
    this.timer = setInterval(() => this.tick(), everyMs);
  }

  async stop(): Promise<void> {
    clearInterval(this.timer);
    await Promise.allSettled([...this.tenants.values()].map(({ reading }) => reading));
  }

  /** Answers how to leave. */
  watch(tenantId: string, viewer: (overview: Overview) => void): () => void {
    const watched = this.of(tenantId);
    watched.viewers.add(viewer);
    if (isFresh(watched.latest)) viewer(watched.latest);
    return () => watched.viewers.delete(viewer);
  }

  /** No older than one turn. */
  async read(tenantId: string): Promise<Overview> {
    const watched = this.of(tenantId);
    return isFresh(watched.latest) ? watched.latest : this.refresh(watched);
  }

  private of(tenantId: string): Watched {
    const known = this.tenants.get(tenantId);
    if (known) {
      known.usedAt = Date.now();
      return known;
    }
    const reader = new OverviewReader(this.dataSource, this.depths, tenantId);
    const fresh = { reader, viewers: new Set<never>(), latest: undefined, reading: undefined, usedAt: Date.now() };
    this.tenants.set(tenantId, fresh);
    return fresh;
  }

  private tick(): void {
    for (const [tenantId, watched] of this.tenants) {
      if (watched.viewers.size > 0) {
        watched.usedAt = Date.now();
        void this.refresh(watched).catch(this.onFailure);
      } else if (Date.now() - watched.usedAt > forgetMs) this.tenants.delete(tenantId);
    }
  }

  private refresh(watched: Watched): Promise<Overview> {
    watched.reading ??= watched.reader
      .read()
      .then((overview) => {
        watched.latest = overview;
        for (const viewer of watched.viewers) viewer(overview);
        return overview;
      })
      .finally(() => (watched.reading = undefined));
    return watched.reading;
  }
}

const isFresh = (overview: Overview | undefined): overview is Overview =>
  overview !== undefined && Date.now() - Date.parse(overview.at) < everyMs;
