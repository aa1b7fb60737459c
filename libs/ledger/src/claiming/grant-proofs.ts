import type { EntityManager } from 'typeorm';
import { isJobId } from '../records/index.js';
import type { Grant, GrantTokens } from './grant-token.js';

/** What a worker says of an attempt, with what it has to show for it. */
export type Told = Grant & { token?: Uint8Array };

/**
 * Which of these come without the proof that their attempt was granted to who sends them. Attempts that were granted before tokens were handed out need
 * none, whenever they end. Without `tokens` nothing is demanded.
 */
export async function unprovenAmong<T extends Told>(
  db: Pick<EntityManager, 'query'>,
  told: readonly T[],
  tokens: GrantTokens | undefined,
): Promise<ReadonlySet<T>> {
  if (!tokens) return new Set();
  const unproven = new Set(told.filter((each) => !tokens.isGenuine(each.token, each)));
  const without = [...unproven].filter(({ token, jobId }) => !token?.length && isJobId(jobId));
  if (without.length === 0) return unproven;
  const rows = await db.query<{ job_id: string; attempt: number; worker: string }[]>(
    `select distinct h.job_id, h.attempt, h.detail->>'worker' as worker
     from unnest($1::uuid[], $2::integer[]) as u(job_id, attempt)
     join ledger.job_history h on h.job_id = u.job_id and h.attempt = u.attempt and h.type = 'running'
     where h.at < (select demanded_from from ledger.grant_tokens)`,
    [without.map(({ jobId }) => jobId), without.map(({ attempt }) => Math.min(attempt, 2 ** 31 - 1))],
  );
  const old = new Set(rows.map((row) => `${row.job_id} ${row.attempt} ${row.worker}`));
  for (const each of without) if (old.has(`${each.jobId} ${each.attempt} ${each.workerId}`)) unproven.delete(each);
  return unproven;
}

export const unprovenFault = (what: string, { attempt, workerId }: Grant): string =>
  `"${what}" of attempt ${attempt} without the token that ${workerId.slice(0, 200)} was granted it with`;
