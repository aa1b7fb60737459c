import { LogLine_Level, type JobLogged, type LogLine } from '@roundhouse/contracts';
import { logLimits } from '@roundhouse/jobs';
import { redactFields, redactText } from '@roundhouse/telemetry';
import type { DataSource } from 'typeorm';
import { isJobId } from '../records/index.js';
import { storable } from '../storage/index.js';
import { storableTime, type ReportedEvent } from './scrutiny.js';

export type StoredLevel = 'debug' | 'info' | 'warn' | 'error';

/** A line as it is stored. */
export interface StoredLine {
  at: string;
  level: StoredLevel;
  message: string;
  fields?: Record<string, unknown>;
}

export interface LoggedEvent {
  jobId: string;
  attempt: number;
  workerId: string;
  token?: Uint8Array;
  logged: JobLogged;
}

/** Splits off what is only for people to read: it needs no lock of its job and never holds an outcome up. */
export function takeLogged(events: readonly ReportedEvent[]): {
  logged: LoggedEvent[];
  others: readonly ReportedEvent[];
} {
  if (!events.some(({ event }) => event?.$case === 'logged')) return { logged: [], others: events };
  const logged = events.flatMap(({ jobId, attempt, workerId, token, event }) =>
    event?.$case === 'logged' && isJobId(jobId) ? [{ jobId, attempt, workerId, token, logged: event.value }] : [],
  );
  return { logged, others: events.filter(({ event }) => event?.$case !== 'logged') };
}

// As JSON, with times and levels. Workers keep to the limits by themselves; one that does not must not fill the database.
const mostBytes = 2 * logLimits.bytes;
const mostParts = 2 * logLimits.lines;

/** Stores lines of attempts, told by the workers that were granted them; a part that is there already stays. Answers the jobs. */
export async function storeLogged(dataSource: DataSource, events: readonly LoggedEvent[]): Promise<string[]> {
  const parts = events.map(({ jobId, attempt, workerId, logged }) => {
    const lines = JSON.stringify(logged.lines.slice(0, logLimits.lines).map(storedLine));
    return {
      jobId,
      attempt,
      workerId,
      part: logged.part,
      lines,
      bytes: Buffer.byteLength(lines),
      leftOut: logged.leftOut,
    };
  });
  const fitting = parts.filter(({ bytes, part }) => bytes <= mostBytes && part < mostParts);
  const rows = await dataSource.query<{ job_id: string }[]>(
    `insert into ledger.attempt_logs (job_id, attempt, part, lines, bytes, left_out)
     select u.job_id, u.attempt, u.part, u.lines::jsonb, u.bytes, u.left_out
     from unnest($1::uuid[], $2::integer[], $3::integer[], $4::text[], $5::integer[], $6::bigint[], $8::text[])
       as u(job_id, attempt, part, lines, bytes, left_out, worker)
     join ledger.jobs j on j.id = u.job_id and (j.attempt = u.attempt and j.worker_id = u.worker or exists (
       select from ledger.job_history h
       where h.job_id = u.job_id and h.attempt = u.attempt and h.type = 'running' and h.detail->>'worker' = u.worker))
     where $7 > (select coalesce(sum(l.bytes), 0) from ledger.attempt_logs l
                 where l.job_id = u.job_id and l.attempt = u.attempt)
     on conflict do nothing returning job_id`,
    [
      fitting.map((p) => p.jobId),
      fitting.map((p) => p.attempt),
      fitting.map((p) => p.part),
      fitting.map((p) => p.lines),
      fitting.map((p) => p.bytes),
      fitting.map((p) => Math.min(p.leftOut, 2 ** 31 - 1)),
      mostBytes,
      fitting.map((p) => storable(p.workerId)),
    ],
  );
  return [...new Set(rows.map((row) => row.job_id))];
}

const levels: Partial<Record<LogLine_Level, StoredLevel>> = {
  [LogLine_Level.DEBUG]: 'debug',
  [LogLine_Level.WARN]: 'warn',
  [LogLine_Level.ERROR]: 'error',
};

/** Hidden once more, by name: not every worker is ours. */
function storedLine({ at, level, message, fields }: LogLine): StoredLine {
  return {
    at: (storableTime(at) ?? new Date()).toISOString(),
    level: levels[level] ?? 'info',
    message: storable(redactText(message)),
    ...(fields !== '' && { fields: storedFields(fields) }),
  };
}

function storedFields(text: string): Record<string, unknown> {
  let fields: unknown;
  try {
    fields = JSON.parse(text, (_key, value: unknown) =>
      typeof value === 'string' ? storable(redactText(value)) : value,
    );
  } catch {
    return { unreadable: storable(redactText(text)) };
  }
  if (typeof fields !== 'object' || fields === null || Array.isArray(fields)) return { value: fields };
  return withStorableNames(redactFields(fields as Record<string, unknown>)) as Record<string, unknown>;
}

function withStorableNames(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(withStorableNames);
  if (typeof value !== 'object' || value === null) return value;
  return Object.fromEntries(Object.entries(value).map(([name, item]) => [storable(name), withStorableNames(item)]));
}

export interface StoredPart {
  part: number;
  lines: StoredLine[];
  left_out: number;
}

/** Parts of an attempt behind `after`, in order. */
export async function readParts(
  dataSource: DataSource,
  jobId: string,
  attempt: number,
  after = -1,
): Promise<StoredPart[]> {
  return dataSource.query<StoredPart[]>(
    `select part, lines, left_out from ledger.attempt_logs where job_id = $1 and attempt = $2 and part > $3 order by part`,
    [jobId, attempt, after],
  );
}

const forgottenAtOnce = 10_000;

/** Removes lines that are older than `keepMs`. */
export async function forgetAttemptLogs(dataSource: DataSource, keepMs: number): Promise<void> {
  for (;;) {
    const [, removed] = await dataSource.query<[unknown, number]>(
      `delete from ledger.attempt_logs where ctid = any(array(
         select ctid from ledger.attempt_logs where stored_at < clock_timestamp() - make_interval(secs => $1) limit ${forgottenAtOnce}
       ))`,
      [keepMs / 1_000],
    );
    if (removed < forgottenAtOnce) return;
  }
}
