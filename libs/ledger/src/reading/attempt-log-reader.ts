import type { DataSource } from 'typeorm';
import { readParts, type StoredLevel, type StoredLine } from '../outcomes/index.js';
import type { StoredHistoryEntry } from '../records/index.js';

export interface AttemptLine extends Omit<StoredLine, 'at'> {
  at: Date;
  /** Who says so: the attempt itself, or the ledger about it. */
  source: 'attempt' | 'ledger';
}

export interface AttemptLogPage {
  /** 0: there was none yet. */
  attempt: number;
  /** Oldest first. */
  lines: AttemptLine[];
  leftOut: number;
  /** Number of the last part; with `after` only what came behind it is read. -1: there is none. */
  part: number;
}

const mostEntries = 200;

/** What an attempt, the last one unless said otherwise, has logged, and what the ledger did with it. Undefined: no such job. */
export async function readAttemptLog(
  dataSource: DataSource,
  tenantId: string,
  jobId: string,
  { attempt: asked, after = -1 }: { attempt?: number; after?: number } = {},
): Promise<AttemptLogPage | undefined> {
  const [job] = await dataSource.query<{ attempt: number }[]>(
    `select attempt from ledger.jobs where tenant_id = $1 and id = $2`,
    [tenantId, jobId],
  );
  if (!job) return undefined;
  const attempt = asked ?? job.attempt;
  const parts = await readParts(dataSource, jobId, attempt, after);
  const entries = attempt === 0 ? [] : await historyOf(dataSource, jobId, attempt);
  const said = parts.flatMap(({ lines }) => lines);
  const lines = [
    ...said.map((line) => ({ ...line, at: new Date(line.at), source: 'attempt' as const })),
    ...entries.map(ledgerLine),
  ];
  // Both are in order already; a stable sort keeps lines of the same millisecond so.
  lines.sort((a, b) => a.at.getTime() - b.at.getTime());
  const last = parts.at(-1);
  return { attempt, lines, leftOut: Math.max(0, ...parts.map((p) => p.left_out)), part: last?.part ?? after };
}

async function historyOf(dataSource: DataSource, jobId: string, attempt: number): Promise<StoredHistoryEntry[]> {
  return dataSource.query<StoredHistoryEntry[]>(
    `select h.id::text, h.job_id, h.type, h.attempt, h.at, h.detail from ledger.job_history h
     where h.job_id = $1 and h.attempt = $2 and h.type <> 'progress' order by h.id limit ${mostEntries}`,
    [jobId, attempt],
  );
}

function ledgerLine({ type, at, detail }: StoredHistoryEntry): AttemptLine {
  const error = detail?.error as { code?: string; message?: string } | undefined;
  const { error: _error, ...fields } = detail ?? {};
  return {
    at,
    level: levelOf(type, error !== undefined),
    message: messageOf(type, detail, error),
    ...(Object.keys(fields).length > 0 && { fields }),
    source: 'ledger',
  };
}

function levelOf(type: string, failed: boolean): StoredLevel {
  if (type === 'dead') return 'error';
  return failed || type === 'refused' ? 'warn' : 'info';
}

const sentences: Record<string, string> = {
  running: 'The attempt was granted',
  succeeded: 'Succeeded',
  dead: 'Dead',
  cancelled: 'Cancelled',
  cancel_requested: 'Told to stop',
  retrying: 'Will be tried again',
  scheduled: 'Will run later',
  queued: 'Queued again',
  blocked: 'Waits',
  refused: 'Not believed',
};

/** "Will be tried again at …: UNAVAILABLE: the bank does not answer". */
function messageOf(
  type: string,
  detail: Record<string, unknown> | null,
  error: { code?: string; message?: string } | undefined,
): string {
  const { worker, run_at: runAt, on, reason, message } = detail ?? {};
  const parts = [sentences[type] ?? type];
  if (typeof worker === 'string') parts.push(`to ${worker}`);
  if (typeof runAt === 'string') parts.push(`at ${runAt}`);
  if (typeof on === 'string') parts.push(`for ${on}`);
  const causes = [typeof reason === 'string' && reason, error?.code, error?.message ?? message].filter(Boolean);
  return causes.length > 0 ? `${parts.join(' ')}: ${causes.join(': ')}` : parts.join(' ');
}
