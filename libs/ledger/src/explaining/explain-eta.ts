import type { Holdup } from './explain-reason.js';

/** How jobs of the kind went lately. */
export interface RecentRuns {
  /** Successes that the figures come from. */
  samples: number;
  /** Run time of the fast tenth and of the slow tenth, in ms. */
  fastMs: number;
  slowMs: number;
  /** Jobs of the queue that end in a second. */
  queuePerSecond: number;
}

/** Between when and when something happens, in ms of the ledger's clock. */
interface Range {
  earliest: number;
  latest: number;
}

/** When the job may be over, and by what: how far it has come itself, or how long recent jobs of its kind took. */
export interface Eta extends Range {
  by: 'progress' | 'recent_jobs';
}

/** A running job, as far as its own progress tells of its end. */
export interface RunSoFar {
  attempt: number;
  /** Percent; undefined: it reports none. */
  progress: number | undefined;
  /** When the attempt started. */
  since: number;
  /** It was told to stop. */
  cancelling: boolean;
}

const enoughPercent = 5;
const enoughMs = 2_000;
const fewestSamples = 5;
// Throughput changes; a queue is not promised to keep its pace.
const queueSlack = 2;

/**
 * From how far it has come. Only of a first attempt: what a later one found done would count as its own speed. The range is
 * wide because work is seldom even.
 */
export function estimateByProgress({ attempt, progress, since, cancelling }: RunSoFar, now: number): Eta | undefined {
  if (attempt > 1 || cancelling || progress === undefined) return undefined;
  const elapsed = now - since;
  if (progress < enoughPercent || progress >= 100 || elapsed < enoughMs) return undefined;
  const left = (elapsed * (100 - progress)) / progress;
  return { earliest: Math.round(now + left * 0.8), latest: Math.round(now + left * 1.5), by: 'progress' };
}

/** Undefined: nothing is known that would make it more than a guess. */
export function estimateEnd(holdup: Holdup, recent: RecentRuns | undefined, now: number): Eta | undefined {
  const own = holdup.type === 'running' && !holdup.stuck ? estimateByProgress(holdup, now) : undefined;
  return own ?? estimateByRecent(holdup, recent, now);
}

function estimateByRecent(holdup: Holdup, recent: RecentRuns | undefined, now: number): Eta | undefined {
  if (!recent || recent.samples < fewestSamples) return undefined;
  const start = estimateStart(holdup, recent, now);
  if (!start) return undefined;
  return {
    earliest: Math.max(now, Math.round(start.earliest + recent.fastMs)),
    latest: Math.max(now, Math.round(start.latest + recent.slowMs)),
    by: 'recent_jobs',
  };
}

function estimateStart(holdup: Holdup, recent: RecentRuns, now: number): Range | undefined {
  switch (holdup.type) {
    case 'running':
      return holdup.stuck || holdup.cancelling ? undefined : { earliest: holdup.since, latest: holdup.since };
    case 'outbox':
    case 'backlog': {
      if (!holdup.consumed || recent.queuePerSecond === 0) return undefined;
      const before = holdup.type === 'backlog' ? (holdup.ofAll ?? holdup.ahead) : holdup.ahead;
      const waitMs = (before / recent.queuePerSecond) * 1000;
      return { earliest: now + waitMs / queueSlack, latest: now + waitMs * queueSlack };
    }
    case 'slot': {
      if (holdup.limit === 0) return undefined;
      // All that are ahead and the holders go through the slots, `limit` at a time.
      const rounds = Math.ceil((holdup.ahead + 1) / holdup.limit);
      return { earliest: now + (rounds - 1) * recent.fastMs, latest: now + rounds * recent.slowMs };
    }
    case 'token': {
      const at = holdup.until ?? holdup.pausedUntil;
      return at === undefined ? undefined : { earliest: at, latest: at };
    }
    case 'retry':
    case 'scheduled':
      return { earliest: holdup.at, latest: holdup.at };
    default:
      return undefined; // somebody has to resume, redrive or finish something first
  }
}
