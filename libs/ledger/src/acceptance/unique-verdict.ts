import { isFinal, type JobState } from '@roundhouse/jobs';
import type { Uniqueness } from '../records/index.js';

/** A job that holds a unique key, or follows its holder. Times in ms of the database's clock. */
export interface Standing {
  state: JobState;
  attempt: number;
  /** When it was asked for first. */
  createdAt: number;
}

export interface Held {
  /** Undefined: its job has been removed. */
  holder: Standing | undefined;
  follower: Standing | undefined;
  expiresAt: number | undefined;
  exclusive: boolean;
  trailing: boolean;
  heldUntil: Uniqueness['heldUntil'];
}

export interface Asked {
  unique: Omit<Uniqueness, 'key' | 'override'>;
  /** Undefined: at once. */
  runAt: number | undefined;
  now: number;
}

/** `runAt` undefined: at once. */
export type UniqueVerdict =
  /** Becomes the holder. */
  | { do: 'take'; runAt?: number; window?: number }
  /** The holder, or its follower, gets the payload; `runAt` 'kept': and keeps its time. */
  | { do: 'replace'; whom: 'holder' | 'follower'; runAt?: number | 'kept' }
  | { do: 'follow'; runAt?: number }
  | { do: 'drop' }
  | { do: 'refuse'; why: 'held' | 'followed' | 'dead' };

/**
 * What becomes of a request whose unique key may be held. Pure. A request that is not refused or dropped runs, or is replaced by
 * a later one that does.
 */
export function judgeRequest(asked: Asked, held: Held | undefined): UniqueVerdict {
  const { unique, now } = asked;
  if (!held) return { do: 'take', runAt: firstTime(asked) };
  const { holder, expiresAt } = held;
  const expired = expiresAt !== undefined && expiresAt <= now;
  if (!holder || isFinal(holder.state)) return afterTheEnd(asked, held, expired);
  if (expired && !held.exclusive && unique.whileRunning === undefined) return { do: 'take', runAt: firstTime(asked) };
  // Also of a job that is queued again after a retry or a redrive: somebody has seen its payload.
  return holder.attempt > 0 ? whileRunning(asked, held) : beforeTheStart(asked, held, holder);
}

const byMode = (mode: Uniqueness['mode'], why: 'held' | 'dead' = 'held'): UniqueVerdict =>
  mode === 'return_existing' || mode === 'throttle' ? { do: 'drop' } : { do: 'refuse', why };

function afterTheEnd(asked: Asked, { holder, expiresAt, heldUntil }: Held, expired: boolean): UniqueVerdict {
  const { mode, leading } = asked.unique;
  if (!holder || expired) return { do: 'take', runAt: firstTime(asked) };
  if (expiresAt === undefined) {
    const keptByDeath = heldUntil === 'succeeded' && holder.state === 'dead';
    return keptByDeath ? byMode(mode, 'dead') : { do: 'take', runAt: firstTime(asked) };
  }
  if (mode === 'debounce' && leading) return { do: 'take', runAt: latest(expiresAt, asked.runAt), window: expiresAt };
  return mode === 'replace' || mode === 'debounce' ? { do: 'take', runAt: firstTime(asked) } : byMode(mode);
}

function whileRunning(asked: Asked, { follower, expiresAt }: Held): UniqueVerdict {
  const { mode, whileRunning: policy } = asked.unique;
  if (policy === undefined) return byMode(mode);
  if (policy === 'drop') return { do: 'drop' };
  const runAt = followTime(asked, follower, expiresAt);
  if (!follower) return { do: 'follow', runAt };
  return policy === 'queue_next' ? { do: 'refuse', why: 'followed' } : { do: 'replace', whom: 'follower', runAt };
}

function beforeTheStart(asked: Asked, { trailing, follower, expiresAt }: Held, holder: Standing): UniqueVerdict {
  const { mode, leading } = asked.unique;
  if (mode === 'replace') return { do: 'replace', whom: 'holder', runAt: asked.runAt };
  if (mode !== 'debounce') return byMode(mode);
  if (!leading) return { do: 'replace', whom: 'holder', runAt: quietTime(asked, holder.createdAt) };
  if (trailing) return { do: 'replace', whom: 'holder', runAt: asked.runAt ?? 'kept' };
  const runAt = followTime(asked, follower, expiresAt);
  return follower ? { do: 'replace', whom: 'follower', runAt } : { do: 'follow', runAt };
}

const firstTime = (asked: Asked): number | undefined =>
  asked.unique.mode === 'debounce' && !asked.unique.leading ? quietTime(asked, asked.now) : asked.runAt;

/** One period from now, not later than the longest wait allows, not earlier than was asked for. */
function quietTime({ unique: { periodMs = 0, maxWaitMs = Infinity }, runAt, now }: Asked, first: number): number {
  return latest(Math.min(now + periodMs, first + maxWaitMs), runAt);
}

function followTime(asked: Asked, follower: Standing | undefined, window: number | undefined): number | undefined {
  const { mode, leading } = asked.unique;
  if (mode !== 'debounce') return asked.runAt;
  return leading ? latest(window ?? 0, asked.runAt) : quietTime(asked, follower?.createdAt ?? asked.now);
}

const latest = (at: number, runAt: number | undefined): number => Math.max(at, runAt ?? 0);
