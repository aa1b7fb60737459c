import { randomUUID } from 'node:crypto';
import type { DataSource } from 'typeorm';
import { writeAudit } from './audit-log.js';
import { inTransaction } from '../storage/index.js';

/** A link that shows one job to whoever has it, until it expires or is revoked. */
export interface StatusLink {
  id: string;
  tenant_id: string;
  job_id: string;
  may_cancel: boolean;
  created_by: string;
  created_at: Date;
  expires_at: Date;
  revoked_at: Date | null;
}

export interface NewStatusLink {
  jobId: string;
  expiresAt: Date;
  mayCancel: boolean;
}

const columns = 'id, tenant_id, job_id, may_cancel, created_by, created_at, expires_at, revoked_at';

export class StatusLinks {
  constructor(private readonly dataSource: DataSource) {}

  /** Undefined: the tenant has no such job. */
  async create(tenantId: string, link: NewStatusLink, actor: string): Promise<StatusLink | undefined> {
    const { jobId, expiresAt, mayCancel } = link;
    return inTransaction(this.dataSource, async (tx) => {
      // Random, not by time: nothing about a link may follow from another one.
      const [created] = await tx.query<StatusLink[]>(
        `insert into ledger.status_links (id, tenant_id, job_id, may_cancel, created_by, expires_at)
         select $1, tenant_id, id, $4, $5, $6 from ledger.jobs where tenant_id = $2 and id = $3 returning ${columns}`,
        [randomUUID(), tenantId, jobId, mayCancel, actor, expiresAt],
      );
      if (!created) return undefined;
      const detail = { link_id: created.id, may_cancel: mayCancel, expires_at: expiresAt.toISOString() };
      await writeAudit(tx, { tenantId, actor, action: 'status_link.create', subject: jobId, detail });
      return created;
    });
  }

  /** Of a job, newest first, expired and revoked ones as well. */
  async list(tenantId: string, jobId: string): Promise<StatusLink[]> {
    return this.dataSource.query<StatusLink[]>(
      `select ${columns} from ledger.status_links where tenant_id = $1 and job_id = $2 order by created_at desc limit 200`,
      [tenantId, jobId],
    );
  }

  async find(id: string): Promise<StatusLink | undefined> {
    const [link] = await this.dataSource.query<StatusLink[]>(
      `select ${columns} from ledger.status_links where id = $1`,
      [id],
    );
    return link;
  }

  /** False: the tenant's job has no such link. A link that is revoked already stays so. */
  async revoke(tenantId: string, jobId: string, id: string, actor: string): Promise<boolean> {
    return inTransaction(this.dataSource, async (tx) => {
      const [found] = await tx.query<{ revoked_at: Date | null }[]>(
        `select revoked_at from ledger.status_links where id = $1 and tenant_id = $2 and job_id = $3 for update`,
        [id, tenantId, jobId],
      );
      if (!found) return false;
      if (found.revoked_at) return true;
      await tx.query(`update ledger.status_links set revoked_at = clock_timestamp() where id = $1`, [id]);
      await writeAudit(tx, { tenantId, actor, action: 'status_link.revoke', subject: jobId, detail: { link_id: id } });
      return true;
    });
  }
}

/** Expired links are kept for a month: whoever opens one is told so, instead of that there is no such link. */
export async function forgetStatusLinks(dataSource: DataSource): Promise<void> {
  await dataSource.query(`delete from ledger.status_links where expires_at < clock_timestamp() - interval '30 days'`);
}
