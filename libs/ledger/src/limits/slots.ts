import { catalogue, type ConcurrencyRule } from '@roundhouse/contracts';
import type { EntityManager } from 'typeorm';
import { type LockedJob, LockedJobs, type RulesOf } from '../records/index.js';
import { contractLimit } from './slot-limits.js';

/**
 * Concurrency limits. A slot in use is a row that lives and dies with its job's state, in the same transaction, so no
 * counter can leak. Keys are "<group>|<tenant or *>|<values>". Everything that looks at a key's slots holds its lock;
 * job rows are always locked before keys, and afterwards only rows that nobody else holds.
 */
export interface SlotRefusal {
  key: string;
  rule: Pick<ConcurrencyRule, 'onConflict' | 'snoozeMs'>;
}

const holdsSlots = (job: LockedJob): boolean => job.status.state === 'running' || job.status.state === 'queued';
export const slotWait = (key: string): string => `slot:${key}`;
export const isSlotWait = (reason: string): boolean => reason.startsWith('slot:');
export const slotKeyOf = (reason: string): string => reason.slice('slot:'.length);

export async function lockSlotKeys(tx: EntityManager, keys: readonly string[]): Promise<void> {
  if (keys.length === 0) return;
  await tx.query(
    `select pg_advisory_xact_lock(h) from (select distinct hashtextextended(k, 7) as h from unnest($1::text[]) k order by 1) s`,
    [keys],
  );
}

interface KeyState {
  limit: number;
  used: number;
  /** The job that has waited longest for a slot of the key. */
  firstWaiting: string | null;
}

function ruleOf(kind: string, key: string): ConcurrencyRule | undefined {
  const [group] = key.split('|');
  return catalogue.kind(kind)?.concurrency.find((rule) => rule.group === group);
}

async function keyStates(tx: EntityManager, keys: readonly string[]): Promise<Map<string, KeyState>> {
  const rows = await tx.query<
    { key: string; used: number; first_waiting: string | null; own_limit: number | null; group_limit: number | null }[]
  >(
    `select k.key,
            (select count(*)::integer from ledger.slot_holds h where h.key = k.key) as used,
            (select j.id from ledger.jobs j where j.state = 'blocked' and j.blocked_on = 'slot:' || k.key order by j.id limit 1) as first_waiting,
            (select l.max_running from ledger.slot_limits l where l.tenant_id = split_part(k.key, '|', 2) and l.name = k.key) as own_limit,
            (select l.max_running from ledger.slot_limits l where l.tenant_id = split_part(k.key, '|', 2) and l.name = split_part(k.key, '|', 1)) as group_limit
     from unnest($1::text[]) as k(key)`,
    [keys],
  );
  return new Map(
    rows.map((row) => [
      row.key,
      {
        limit: row.own_limit ?? row.group_limit ?? contractLimit(row.key.slice(0, row.key.indexOf('|')))?.limit ?? 1,
        used: row.used,
        firstWaiting: row.first_waiting,
      },
    ]),
  );
}

/** Those of the keys that somebody waits for although a slot is free; a glance without locks. */
export async function keysWithRoom(db: EntityManager, keys: readonly string[]): Promise<string[]> {
  if (keys.length === 0) return [];
  const states = await keyStates(db, keys);
  return keys.filter((key) => {
    const state = states.get(key);
    return state !== undefined && state.firstWaiting !== null && state.used < state.limit;
  });
}

async function heldKeys(tx: EntityManager, jobIds: readonly string[]): Promise<Map<string, Set<string>>> {
  const rows = await tx.query<{ job_id: string; key: string }[]>(
    `select job_id, key from ledger.slot_holds where job_id = any($1::uuid[])`,
    [jobIds],
  );
  const held = new Map<string, Set<string>>();
  for (const { job_id: id, key } of rows) held.set(id, (held.get(id) ?? new Set()).add(key));
  return held;
}

async function hold(tx: EntityManager, holds: readonly { key: string; jobId: string }[]): Promise<void> {
  if (holds.length === 0) return;
  await tx.query(
    `insert into ledger.slot_holds (key, job_id) select * from unnest($1::text[], $2::uuid[]) on conflict do nothing`,
    [holds.map((h) => h.key), holds.map((h) => h.jobId)],
  );
}

/**
 * Takes the slots of jobs that are about to be granted; answers those that have to wait, and for which key. First come,
 * first served: a job that arrives while others wait for the key waits behind them, even if a slot is free.
 */
export async function takeSlots(tx: EntityManager, jobs: readonly LockedJob[]): Promise<Map<string, SlotRefusal>> {
  const refused = new Map<string, SlotRefusal>();
  const limited = jobs.filter((job) => job.slotKeys?.length).sort((a, b) => (a.id < b.id ? -1 : 1));
  if (limited.length === 0) return refused;
  const keys = [...new Set(limited.flatMap((job) => job.slotKeys ?? []))];
  await lockSlotKeys(tx, keys);
  const states = await keyStates(tx, keys);
  const held = await heldKeys(
    tx,
    limited.map((job) => job.id),
  );
  const taken: { key: string; jobId: string }[] = [];
  for (const job of limited) {
    const missing = (job.slotKeys ?? []).filter((key) => !held.get(job.id)?.has(key));
    const full = missing.find((key) => !hasRoom(states.get(key), job.id));
    if (full) {
      refused.set(job.id, { key: full, rule: ruleOf(job.kind, full) ?? { onConflict: 'block', snoozeMs: 30_000 } });
      continue;
    }
    for (const key of missing) {
      taken.push({ key, jobId: job.id });
      (states.get(key) as KeyState).used += 1;
    }
  }
  await hold(tx, taken);
  return refused;
}

function hasRoom(state: KeyState | undefined, jobId: string): boolean {
  if (!state || state.used >= state.limit) return false;
  return state.firstWaiting === null || state.firstWaiting >= jobId;
}

/** Gives back the slots of jobs that neither run nor are about to, and lets the next in line have them. */
export async function releaseSlots(
  tx: EntityManager,
  changed: Iterable<LockedJob>,
  rulesOf: RulesOf,
): Promise<LockedJobs[]> {
  const leaving = [...changed].filter((job) => job.slotKeys?.length && !holdsSlots(job));
  if (leaving.length === 0) return [];
  const keys = [...new Set(leaving.flatMap((job) => job.slotKeys ?? []))];
  await lockSlotKeys(tx, keys);
  await tx.query(`delete from ledger.slot_holds where job_id = any($1::uuid[])`, [leaving.map((job) => job.id)]);
  return promote(tx, keys, rulesOf);
}

/**
 * Sends out as many waiting jobs as there are free slots, longest waiting first. Their slot is theirs from now on. The
 * caller holds the keys' locks.
 */
export async function promote(tx: EntityManager, keys: readonly string[], rulesOf: RulesOf): Promise<LockedJobs[]> {
  const promoted: LockedJobs[] = [];
  for (const [key, { limit, used, firstWaiting }] of await keyStates(tx, keys)) {
    if (firstWaiting === null || used >= limit) continue;
    const waiting = await LockedJobs.blockedOn(tx, slotWait(key), limit - used, rulesOf);
    for (const job of waiting.all()) {
      waiting.apply(job, { type: 'unblock' });
      waiting.note(job, 'queued', { reason: 'slot', key });
    }
    await hold(
      tx,
      waiting.all().map((job) => ({ key, jobId: job.id })),
    );
    // Behind a backlog in the outbox they would keep slots idle that nobody else may use.
    await waiting.write({ ahead: true });
    promoted.push(waiting);
  }
  return promoted;
}
