import { catalogue } from '@roundhouse/contracts';
import {
  available,
  contractLimit,
  isPaused,
  liveWorkers,
  loadCap,
  operatorTenant,
  otherLoads,
  percentile,
  queuedLoads,
  readBuckets,
  readLimits,
  readPauses,
  readStatistics,
  runningJobs,
  type BucketView,
  type JobFigures,
  type LimitView,
  type Pause,
  type QueueLoad,
  type RunningJob,
  type StateLoad,
  type WorkerRecord,
} from '@roundhouse/ledger';
import type { DataSource } from 'typeorm';
import type { Overview } from './overview-view.js';
import { mismatchTexts, type QueueDepth, type QueueDepths } from './queue-depths.js';
import { rounded, StatisticsWindow } from './statistics-window.js';

const hourMs = 3_600_000;
const paceMs = 300_000;

/** What is going on with a tenant's jobs, put together from some ten queries that are bounded each. */
export class OverviewReader {
  private readonly window: StatisticsWindow;
  /** Workers and the broker are everybody's: who is no operator sees what is of his own jobs. */
  private readonly allTenants: boolean;

  constructor(
    private readonly dataSource: DataSource,
    private readonly depths: QueueDepths,
    private readonly tenantId: string,
  ) {
    this.allTenants = tenantId === operatorTenant;
    this.window = new StatisticsWindow((since) => readStatistics(dataSource, tenantId, since));
  }

  async read(now = Date.now()): Promise<Overview> {
    const { dataSource: db, tenantId } = this;
    const names = [...catalogue.queues()].sort();
    await this.window.refresh(now);
    // One after the other: the overview must not take the connections that requests need.
    const queued = await queuedLoads(db, tenantId, names);
    const others = await otherLoads(db, tenantId);
    const running = await runningJobs(db, tenantId);
    const workers = await liveWorkers(db);
    const pauses = await readPauses(db, tenantId);
    const buckets = await readBuckets(db, tenantId);
    const limits = await readLimits(db, tenantId);
    const depths = await this.depths.read(now);
    const facts = { queued, others, workers, pauses, depths, pace: this.pace(now) };
    const queues = queueViews(facts).map((queue) => (this.allTenants ? queue : ownQueue(queue)));
    return {
      at: new Date(now).toISOString(),
      all_tenants: this.allTenants,
      hour: this.window.hour(now),
      day: this.window.day(now),
      kinds: kindViews(this.window.kindsSince(now - hourMs)),
      queues: queues,
      cap: loadCap,
      workers: this.allTenants ? workers.map((worker) => workerView(worker, running)) : [],
      buckets: buckets.map(bucketView),
      slots: limits.filter(isInteresting).map(slotView),
    };
  }

  /** Ends per second of each queue. */
  private pace(now: number): Map<string, number> {
    const pace = new Map<string, number>();
    for (const [kind, { succeeded, dead }] of this.window.kindsSince(now - paceMs)) {
      const queue = catalogue.kind(kind)?.queue;
      if (queue) pace.set(queue, (pace.get(queue) ?? 0) + ((succeeded + dead) * 1_000) / paceMs);
    }
    return pace;
  }
}

function kindViews(kinds: ReadonlyMap<string, JobFigures>): Overview['kinds'] {
  return [...kinds]
    .map(([kind, { started, succeeded, failed, dead, waits, runs }]) => ({
      kind,
      title: catalogue.kind(kind)?.title || null,
      started,
      succeeded,
      failed,
      dead,
      wait_p50: rounded(percentile(waits, 0.5)),
      wait_p95: rounded(percentile(waits, 0.95)),
      run_p50: rounded(percentile(runs, 0.5)),
      run_p95: rounded(percentile(runs, 0.95)),
    }))
    .sort((a, b) => b.dead - a.dead || b.failed - a.failed || b.started - a.started);
}

interface QueueFacts {
  queued: readonly QueueLoad[];
  others: readonly StateLoad[];
  workers: readonly WorkerRecord[];
  pauses: readonly Pause[];
  pace: ReadonlyMap<string, number>;
  depths: readonly QueueDepth[];
}

function queueViews({ queued, others, workers, pauses, pace, depths }: QueueFacts): Overview['queues'] {
  return queued.map(({ queue, queued: waiting, oldest, more }) => {
    const depth = depths.find((found) => found.queue === queue);
    const inState = (...states: string[]) =>
      others
        .filter((load) => load.queue === queue && states.includes(load.state))
        .reduce((sum, { count }) => sum + count, 0);
    const perSecond = pace.get(queue) ?? 0;
    const listening = workers.filter((worker) => !worker.stopping && worker.queues.includes(queue)).length;
    const pause = pauses.find(({ scope, value }) => scope === 'tenant' || (scope === 'queue' && value === queue));
    return {
      queue,
      queued: waiting,
      more,
      running: inState('running'),
      blocked: inState('blocked'),
      later: inState('scheduled', 'retrying'),
      oldest: oldest?.toISOString() ?? null,
      at_broker: depth?.atBroker ?? null,
      mismatch: depth?.mismatch ? mismatchTexts[depth.mismatch] : null,
      consumed: listening > 0,
      workers: listening,
      per_second: Number(perSecond.toPrecision(3)),
      drain_ms: perSecond > 0 ? Math.round((waiting / perSecond) * 1_000) : null,
      paused: pause ? `${pause.paused_by}${pause.reason && `: ${pause.reason}`}` : null,
    };
  });
}

/** Of the broker and of workers no more than whether somebody will take the jobs. */
function ownQueue(queue: Overview['queues'][number]): Overview['queues'][number] {
  const waitsInVain = !queue.consumed && queue.queued > 0;
  return { ...queue, at_broker: null, workers: null, mismatch: waitsInVain ? mismatchTexts.unconsumed : null };
}

function workerView(worker: WorkerRecord, running: readonly RunningJob[]): Overview['workers'][number] {
  return {
    ...worker,
    seen_at: worker.seen_at.toISOString(),
    jobs: running
      .filter(({ worker_id: id }) => id === worker.id)
      .map(({ id, kind, attempt, started_at: since, progress }) => ({
        id,
        kind,
        attempt,
        since: since.toISOString(),
        percent: progress,
      })),
  };
}

function bucketView(bucket: BucketView): Overview['buckets'][number] {
  return {
    name: bucket.key.split('|')[0] ?? '',
    per_second: bucket.perSecond,
    burst: bucket.burst,
    tokens: available(bucket, bucket.now),
    paused_until: isPaused(bucket, bucket.now) ? new Date(bucket.pausedUntil ?? 0).toISOString() : null,
    waiting: bucket.waiting,
  };
}

/** Groups always; of their keys those somebody waits for or that are full. */
const isInteresting = ({ values, waiting, own }: LimitView): boolean =>
  values === undefined || waiting > 0 || own !== undefined;

function slotView({ name, group, own, running, waiting }: LimitView): Overview['slots'][number] {
  return { name, limit: own ?? contractLimit(group)?.limit ?? null, running, waiting };
}
