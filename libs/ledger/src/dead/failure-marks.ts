import type { DataSource, EntityManager } from 'typeorm';
import { writeAudit } from '../tenancy/index.js';
import { inTransaction } from '../storage/index.js';
import { isMuted } from '../transitions/index.js';

export interface FailureMark {
  tenantId: string;
  fingerprint: string;
  actor: string;
}

/** A cause that nobody is told of now. */
export interface Mute {
  fingerprint: string;
  /** Of the jobs that had died of it when it was muted; null: marked before this was written down. */
  kind: string | null;
  code: string | null;
  at: Date;
  by: string;
  reason: string;
  /** Null: until somebody ends it. */
  until: Date | null;
}

const shownMutes = 500;

/** Where a cause of death stands; `last_death` is a column of what `m` is joined to. Nothing is written when one recurs. */
export const failureStatusSql = `case
  when ${isMuted} then 'muted'
  when m.resolved_at is null then 'open'
  when last_death > m.resolved_at then 'recurred'
  else 'resolved' end`;

/**
 * Muting and resolving of causes of death. A muted one raises no alarm; a resolved one is open again when a job dies of it
 * afterwards. Every method answers false when the tenant has no such failure.
 */
export class FailureMarks {
  constructor(private readonly dataSource: DataSource) {}

  async mute(mark: FailureMark, { reason, until }: { reason: string; until?: Date }): Promise<boolean> {
    const detail = { reason, ...(until && { until: until.toISOString() }) };
    return this.write(mark, 'mute', detail, (tx) =>
      tx.query(
        `insert into ledger.failure_marks as m (tenant_id, fingerprint, muted_at, muted_by, mute_reason, muted_until, kind, code)
         select $1, $2, clock_timestamp(), $3, $4, $5, d.kind, d.code
         from (select) one left join lateral (
           select j.kind, j.error->>'code' as code from ledger.jobs j
           where j.tenant_id = $1 and j.fingerprint = $2 and j.state = 'dead' limit 1) d on true
         on conflict (tenant_id, fingerprint) do update set muted_at = excluded.muted_at, muted_by = excluded.muted_by,
           mute_reason = excluded.mute_reason, muted_until = excluded.muted_until,
           kind = coalesce(excluded.kind, m.kind), code = coalesce(excluded.code, m.code)`,
        [mark.tenantId, mark.fingerprint, mark.actor, reason, until ?? null],
      ),
    );
  }

  /** What is muted now, whether or not a job is dead of it; the latest first, 500 at most. */
  async muted(tenantId: string): Promise<Mute[]> {
    return this.dataSource.query<Mute[]>(
      `select m.fingerprint, m.kind, m.code, m.muted_at as at, m.muted_by as by, m.mute_reason as reason, m.muted_until as until
       from ledger.failure_marks m where m.tenant_id = $1 and ${isMuted} order by m.muted_at desc, m.fingerprint limit ${shownMutes}`,
      [tenantId],
    );
  }

  async unmute(mark: FailureMark): Promise<boolean> {
    return this.write(mark, 'unmute', {}, (tx) =>
      tx.query(
        `update ledger.failure_marks set muted_at = null, muted_by = null, mute_reason = null, muted_until = null
         where tenant_id = $1 and fingerprint = $2`,
        [mark.tenantId, mark.fingerprint],
      ),
    );
  }

  async resolve(mark: FailureMark, { reason }: { reason?: string }): Promise<boolean> {
    return this.write(mark, 'resolve', { ...(reason && { reason }) }, (tx) =>
      tx.query(
        `insert into ledger.failure_marks (tenant_id, fingerprint, resolved_at, resolved_by, resolve_reason)
         values ($1, $2, clock_timestamp(), $3, $4)
         on conflict (tenant_id, fingerprint) do update set resolved_at = excluded.resolved_at,
           resolved_by = excluded.resolved_by, resolve_reason = excluded.resolve_reason`,
        [mark.tenantId, mark.fingerprint, mark.actor, reason ?? null],
      ),
    );
  }

  async reopen(mark: FailureMark): Promise<boolean> {
    return this.write(mark, 'reopen', {}, (tx) =>
      tx.query(
        `update ledger.failure_marks set resolved_at = null, resolved_by = null, resolve_reason = null
         where tenant_id = $1 and fingerprint = $2`,
        [mark.tenantId, mark.fingerprint],
      ),
    );
  }

  private async write(
    { tenantId, fingerprint, actor }: FailureMark,
    verb: string,
    detail: object,
    change: (tx: EntityManager) => Promise<unknown>,
  ): Promise<boolean> {
    return inTransaction(this.dataSource, async (tx) => {
      if (!(await isKnown(tx, tenantId, fingerprint))) return false;
      await change(tx);
      await writeAudit(tx, { tenantId, actor, action: `failure.${verb}`, subject: fingerprint, detail });
      return true;
    });
  }
}

/** Marked before, or somebody is dead of it. */
async function isKnown(tx: EntityManager, tenantId: string, fingerprint: string): Promise<boolean> {
  const rows = await tx.query<unknown[]>(
    `(select from ledger.failure_marks where tenant_id = $1 and fingerprint = $2)
     union all (select from ledger.jobs where tenant_id = $1 and fingerprint = $2 and state = 'dead' limit 1) limit 1`,
    [tenantId, fingerprint],
  );
  return rows.length > 0;
}
