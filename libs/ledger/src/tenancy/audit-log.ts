import type { DataSource, EntityManager } from 'typeorm';

/** What somebody did to jobs by hand. Written in the transaction that does it. */
export interface AuditEntry {
  tenantId: string;
  /** Who: name and id of the API key. */
  actor: string;
  /** "<noun>.<verb>": job.redrive, job.cancel, redrive.create, … */
  action: string;
  /** Id of what it was done to. */
  subject: string;
  /** Never a payload or a secret. */
  detail?: object;
}

export interface StoredAuditEntry {
  id: string;
  actor: string;
  action: string;
  subject: string;
  detail: Record<string, unknown> | null;
  at: Date;
}

export interface AuditFilter {
  action?: string;
  subject?: string;
}

export async function writeAudit(
  tx: EntityManager,
  { tenantId, actor, action, subject, detail }: AuditEntry,
): Promise<void> {
  await tx.query(
    `insert into ledger.audit_log (tenant_id, actor, action, subject, detail) values ($1, $2, $3, $4, $5::jsonb)`,
    [tenantId, actor, action, subject, detail ? JSON.stringify(detail) : null],
  );
}

/** Newest first; `before` is the id of the last entry of the page before. */
export async function readAudit(
  dataSource: DataSource,
  tenantId: string,
  { action, subject }: AuditFilter,
  before: string | undefined,
  limit: number,
): Promise<{ entries: StoredAuditEntry[]; next: string | undefined }> {
  const rows = await dataSource.query<StoredAuditEntry[]>(
    `select id::text, actor, action, subject, detail, at from ledger.audit_log
     where tenant_id = $1 and ($2::bigint is null or id < $2::bigint)
       and ($3::text is null or action = $3) and ($4::text is null or subject = $4)
     order by ledger.audit_log.id desc limit $5`,
    [tenantId, before ?? null, action ?? null, subject ?? null, limit + 1],
  );
  const entries = rows.slice(0, limit);
  return { entries, next: rows.length > limit ? entries.at(-1)?.id : undefined };
}
