import { isFinal, longestBrokerWaitMs, type JobState } from '@roundhouse/jobs';
import { attemptsOf } from './attempt-account.js';
import type { HistoryFact, JobFacts } from './job-facts.js';
import { Account, totalsOf, type TimeAccount, type TimeCause } from './time-account.js';

/** A stay of the job in one state, from one entry of its history to the next. */
interface Stay {
  began: HistoryFact;
  ended: HistoryFact | undefined;
}

const remarks = new Set(['progress', 'cancel_requested', 'refused']);

/**
 * Accounts for every millisecond of a job's life: segments that follow each other without gap or overlap, each with one
 * cause, from the request's arrival to the job's end or to now. Where two clocks were at work, the ledger's bounds the
 * other one; what nobody wrote down is `unknown`.
 */
export function explainJob(facts: JobFacts): TimeAccount {
  const account = new Account(Math.round(facts.receivedAt ?? facts.createdAt));
  account.until(facts.createdAt, 'accept');
  const entries = facts.history.filter(({ type }) => !remarks.has(type));
  const lastQueued = entries.map(({ type }) => type).lastIndexOf('queued');
  let began = firstState(facts, entries);
  entries.forEach((entry, i) => {
    // The note of the relay is about the last delivery only.
    close(account, { began, ended: entry }, i > lastQueued ? facts : { ...facts, relayedAt: undefined });
    // The delivery went out once more; the job is where it was.
    began = entry.type === 'redispatched' ? { ...began, at: entry.at } : entry;
  });
  if (!isFinal(began.type as JobState)) {
    // A final job whose end is in no history: kept from a message that nobody could read, say.
    if (isFinal(facts.state)) account.until(facts.finishedAt ?? facts.createdAt, 'unknown');
    else close(account, { began, ended: undefined }, facts);
  }
  return {
    from: account.start,
    to: account.cursor,
    segments: account.segments,
    totals: totalsOf(account.segments),
    attempts: attemptsOf(entries),
  };
}

/** A job that waits from the start says so in its history; all others were queued. */
function firstState({ createdAt }: JobFacts, [first]: readonly HistoryFact[]): HistoryFact {
  const waits = first && first.attempt === 0 && (first.type === 'scheduled' || first.type === 'blocked');
  if (waits && first.at <= createdAt + 1 && first.detail.dispatched_at === undefined) return { ...first };
  return { type: 'queued', attempt: 0, at: createdAt, detail: {} };
}

const time = (value: unknown): number | undefined => {
  const at = typeof value === 'string' ? Date.parse(value) : NaN;
  return Number.isNaN(at) ? undefined : at;
};

function close(account: Account, stay: Stay, facts: JobFacts): void {
  const { began, ended } = stay;
  const to = Math.max(account.cursor, ended?.at ?? facts.now);
  switch (began.type) {
    case 'queued':
      return queued(account, stay, to, facts);
    case 'retrying':
      return retrying(account, stay, to);
    case 'scheduled':
      return account.until(to, waitOf(began.detail));
    case 'blocked':
      return blocked(account, stay, to);
    case 'running':
      return running(account, stay, to);
    default:
      return account.until(to, began.type === 'dead' ? 'dead' : 'unknown');
  }
}

function queued(account: Account, { ended }: Stay, to: number, { inOutbox, relayedAt }: JobFacts): void {
  if (ended?.type === 'redispatched') return lost(account, ended, to);
  const dispatched = time(ended?.detail.dispatched_at) ?? (isClaim(ended) ? undefined : relayedAt);
  if (dispatched !== undefined) {
    account.until(Math.min(dispatched, to), 'outbox');
    return account.until(to, 'backlog');
  }
  account.until(to, inOutbox && !ended ? 'outbox' : 'unknown');
}

/** It waited like any other until it was last known to be somewhere. */
function lost(account: Account, { detail }: HistoryFact, to: number): void {
  const dispatched = time(detail.dispatched_at);
  const lastSeen = time(detail.last_seen);
  if (dispatched !== undefined) account.until(Math.min(dispatched, to), 'outbox');
  if (lastSeen !== undefined) account.until(Math.min(lastSeen, to), 'backlog');
  account.until(to, 'lost_delivery');
}

const isClaim = (entry: HistoryFact | undefined): boolean => entry?.type === 'running' || entry?.type === 'blocked';

function retrying(account: Account, { began, ended }: Stay, to: number): void {
  const runAt = time(began.detail.run_at);
  if (runAt === undefined) return account.until(to, 'retry_wait');
  account.until(Math.min(runAt, to), 'retry_wait');
  // A long wait is the ledger's own; it sends the job out when it next looks.
  if (runAt - began.at > longestBrokerWaitMs) return account.until(to, 'retry_wait');
  if (ended?.detail.reason === 'due') return account.until(to, 'lost_delivery');
  const dispatched = time(ended?.detail.dispatched_at);
  if (dispatched !== undefined) account.until(Math.min(dispatched, to), 'outbox');
  account.until(to, 'backlog');
}

function waitOf({ reason, error, last_seen: lastSeen }: HistoryFact['detail']): TimeCause {
  // Jobs that a lost worker took along come back one after the other.
  if (lastSeen !== undefined) return 'retry_wait';
  if (reason === 'unsupported') return 'version_skew';
  if (reason === 'no free slot') return 'slot';
  return reason === 'snoozed' || error !== undefined ? 'snooze' : 'scheduled';
}

const blockCauses: Partial<Record<string, TimeCause>> = {
  slot: 'slot',
  token: 'token',
  pause: 'pause',
  dependency: 'dependency',
  inputs: 'backlog',
};

function blocked(account: Account, { began }: Stay, to: number): void {
  const on = typeof began.detail.on === 'string' ? began.detail.on : '';
  const [what = ''] = on.split(':');
  account.until(to, blockCauses[what] ?? 'unknown', { on: on.includes(':') ? on.slice(what.length + 1) : undefined });
}

function running(account: Account, { began, ended }: Stay, to: number): void {
  const { attempt } = began;
  const detail = ended?.detail ?? {};
  const lastSeen = time(detail.last_seen);
  if (lastSeen !== undefined) {
    account.until(Math.min(lastSeen, to), 'running', { attempt });
    return account.until(to, 'takeover', { attempt });
  }
  // The same worker was granted the job again: the first answer never reached it.
  if (ended?.type === 'running') return account.until(to, 'takeover', { attempt });
  account.until(Math.min(handlerEnd(began.at, to, detail), to), 'running', { attempt });
  account.until(to, 'outcome', { attempt });
}

/**
 * The worker's clock says when its handler ended; how long it ran was measured, and it cannot have ended before that or
 * after its outcome arrived. So a clock that is wrong moves the border by no more than the outcome took to travel.
 */
function handlerEnd(from: number, to: number, detail: HistoryFact['detail']): number {
  const ended = time(detail.ended_at);
  if (ended === undefined) return to;
  const ranMs = typeof detail.ran_ms === 'number' ? detail.ran_ms : undefined;
  if (ranMs === undefined) return ended < from || ended > to ? to : ended;
  return Math.max(ended, from + ranMs);
}
