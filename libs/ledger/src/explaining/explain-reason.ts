import type { JobState } from '@roundhouse/jobs';
import { bucketText, limitText } from '../limits/index.js';
import type { BrokerTrouble } from './broker-view.js';

/** What holds a job up right now, with the facts to say so. Times in ms of the ledger's clock. */
export type Holdup =
  | { type: 'over'; state: JobState; error: string | undefined }
  | {
      type: 'running';
      attempt: number;
      worker: string;
      since: number;
      progress: number | undefined;
      stuck: Stuck | undefined;
      cancelling: boolean;
    }
  | { type: 'outbox'; queue: string; ahead: number; consumed: boolean }
  /** `ahead`: of the tenant's own jobs, for operators of all; `ofAll` is for the estimate alone. */
  | { type: 'backlog'; queue: string; ahead: number; ofAll?: number; consumed: boolean }
  | { type: 'slot'; key: string; used: number; limit: number; holders: Holder[]; ahead: number }
  | { type: 'token'; bucket: string; until: number | undefined; pausedUntil: number | undefined }
  | ({ type: 'pause' } & PauseFact)
  | { type: 'broker'; queue: string; trouble: BrokerTrouble }
  | { type: 'dependency'; unmet: { ref: string; jobId: string; state: JobState }[] }
  | { type: 'retry'; at: number; attempt: number; error: string | undefined }
  | { type: 'scheduled'; at: number; because: 'run_at' | 'snooze' | 'slot' | 'version_skew' }
  | { type: 'unknown'; on: string };

export interface PauseFact {
  scope: string;
  value: string;
  by: string;
  reason: string;
  since: number;
}

export interface Holder {
  jobId: string;
  worker: string | undefined;
  since: number | undefined;
}

/** A running attempt that gives no sign of getting further. */
export interface Stuck {
  /** Its last progress or checkpoint, else its start. */
  since: number;
  /** What it has exceeded. */
  limit: 'stuck_after' | 'timeout';
  limitMs: number;
}

/** "850 ms", "12 s", "4 min", "3 h", "2 days". */
export function duration(ms: number): string {
  const units: [number, string][] = [
    [172_800_000, 'days'],
    [7_200_000, 'h'],
    [120_000, 'min'],
    [1_000, 's'],
  ];
  const lengths: Record<string, number> = { days: 86_400_000, h: 3_600_000, min: 60_000, s: 1_000 };
  const [, unit] = units.find(([from]) => ms >= from) ?? [];
  return unit ? `${Math.round(ms / (lengths[unit] as number))} ${unit}` : `${Math.max(0, Math.round(ms))} ms`;
}

const at = (ms: number): string => new Date(ms).toISOString();
const ahead = (n: number): string => (n === 0 ? 'it is next' : `${n} ahead`);

/** One sentence: why the job is not running now, or what it does. `waitedMs`: how long that has been so. */
export function sayWhy(holdup: Holdup, waitedMs: number, now: number): string {
  const waiting = `Waiting ${duration(waitedMs)}`;
  switch (holdup.type) {
    case 'over':
      return over(holdup.state, holdup.error);
    case 'running':
      return running(holdup, now);
    case 'outbox':
      return `${waiting} to be sent to queue ${holdup.queue}; ${ahead(holdup.ahead)}${nobody(holdup)}`;
    case 'backlog':
      if (!holdup.consumed) return `${waiting}: no worker is listening on queue ${holdup.queue}`;
      return `${waiting} for a worker of queue ${holdup.queue}; ${ahead(holdup.ahead)}`;
    case 'slot':
      return `${waiting}: concurrency ${holdup.used}/${holdup.limit} on ${limitText(holdup.key)}${heldBy(holdup.holders)}; ${ahead(holdup.ahead)}`;
    case 'token':
      return token(waiting, holdup);
    case 'pause':
      return `Paused ${duration(now - holdup.since)} ago by ${holdup.by}: ${holdup.scope} ${holdup.value}${holdup.reason && `, because ${holdup.reason}`}`;
    case 'broker':
      return `${waiting} for queue ${holdup.queue}: ${sayTrouble(holdup.trouble)}`;
    case 'dependency': {
      const names = holdup.unmet.slice(0, 3).map(({ ref, state }) => `${ref} (${state})`);
      const more = holdup.unmet.length > 3 ? ` and ${holdup.unmet.length - 3} more` : '';
      return `${waiting} for ${names.join(', ')}${more}`;
    }
    case 'retry':
      return `The next attempt starts at ${at(holdup.at)}${holdup.error ? `: attempt ${holdup.attempt} failed with ${holdup.error}` : ''}`;
    case 'scheduled':
      return scheduled(holdup.at, holdup.because);
    case 'unknown':
      return `${waiting} for ${holdup.on || 'something nobody wrote down'}`;
  }
}

/** "the broker has been away for 4 min" */
export function sayTrouble({ what, reason, forMs }: BrokerTrouble): string {
  if (what === 'away') return `the broker has been away for ${duration(forMs)}`;
  return `the broker has taken no messages for ${duration(forMs)}${reason && ` (${reason})`}`;
}

const nobody = ({ consumed, queue }: { consumed: boolean; queue: string }): string =>
  !consumed ? `; no worker is listening on queue ${queue}` : '';

function over(state: JobState, error: string | undefined): string {
  if (state === 'succeeded') return 'Nothing: it succeeded';
  if (state === 'cancelled') return 'Nothing: it was cancelled';
  return `Nothing: it is dead${error ? `, of ${error}` : ''}; only a redrive brings it back`;
}

function running(
  { attempt, worker, since, stuck, cancelling }: Extract<Holdup, { type: 'running' }>,
  now: number,
): string {
  const runs = `Attempt ${attempt} has been running for ${duration(now - since)} on ${worker}`;
  if (cancelling) return `${runs}; it was told to stop`;
  if (!stuck) return runs;
  const sign =
    stuck.limit === 'timeout'
      ? `one and a half times its timeout of ${duration(stuck.limitMs / 1.5)} is over`
      : `no progress for ${duration(now - stuck.since)}`;
  return `${runs} and seems to be stuck: ${sign}`;
}

function heldBy(holders: readonly Holder[]): string {
  if (holders.length === 0) return '';
  const names = holders.slice(0, 3).map(({ jobId }) => jobId);
  return `, held by ${names.join(', ')}${holders.length > 3 ? ` and ${holders.length - 3} more` : ''}`;
}

function token(waiting: string, { bucket, until, pausedUntil }: Extract<Holdup, { type: 'token' }>): string {
  if (pausedUntil !== undefined)
    return `${waiting}: the provider behind ${bucketText(bucket)} asked for silence until ${at(pausedUntil)}`;
  return `${waiting} for a token of ${bucketText(bucket)}${until === undefined ? '' : `, which is there at ${at(until)}`}`;
}

function scheduled(runAt: number, because: Extract<Holdup, { type: 'scheduled' }>['because']): string {
  const why = {
    run_at: '',
    snooze: ': its handler asked to be run later',
    slot: ': no slot was free',
    version_skew: ': only workers that cannot run it were there',
  };
  return `It starts at ${at(runAt)}${why[because]}`;
}
