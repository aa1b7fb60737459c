import type { DataSource, EntityManager } from 'typeorm';
import { v7 as uuidv7 } from 'uuid';
import { writeAudit } from '../tenancy/index.js';
import { inTransaction } from '../storage/index.js';

/** Where a tenant wants to be told of what. Secrets are sealed by the caller; the ledger cannot read them. */
export interface Webhook {
  id: string;
  name: string;
  url: string;
  events: string[];
  enabled: boolean;
  disabled_reason: string | null;
  /** Until when the secret before this one signs as well. */
  previous_until: Date | null;
  created_at: Date;
  updated_at: Date;
}

export interface WebhookChange {
  /** Unique within the tenant. */
  name: string;
  url: string;
  events: string[];
  enabled: boolean;
}

/** Seals a new secret for the webhook with this id. */
export type SealFor = (webhookId: string) => string;

const columns = `id, name, url, events, enabled, disabled_reason, previous_until, created_at, updated_at`;

export class Webhooks {
  constructor(private readonly dataSource: DataSource) {}

  async list(tenantId: string): Promise<Webhook[]> {
    return this.dataSource.query(`select ${columns} from ledger.webhooks where tenant_id = $1 order by name`, [
      tenantId,
    ]);
  }

  async find(tenantId: string, name: string): Promise<Webhook | undefined> {
    const [row] = await this.dataSource.query<Webhook[]>(
      `select ${columns} from ledger.webhooks where tenant_id = $1 and name = $2`,
      [tenantId, name],
    );
    return row;
  }

  /** Creates it, with the sealed secret, or replaces everything but the secret. */
  async put(
    tenantId: string,
    change: WebhookChange,
    seal: SealFor,
    actor: string,
  ): Promise<{ webhook: Webhook; created: boolean }> {
    const id = uuidv7();
    return inTransaction(this.dataSource, async (tx) => {
      const rows = await tx.query<Webhook[]>(
        `insert into ledger.webhooks as w (id, tenant_id, name, url, events, enabled, sealed_secret)
         values ($1, $2, $3, $4, $5::text[], $6, $7)
         on conflict (tenant_id, name) do update set url = excluded.url, events = excluded.events, enabled = excluded.enabled,
           disabled_reason = null, updated_at = clock_timestamp()
         returning ${columns}`,
        [id, tenantId, change.name, change.url, change.events, change.enabled, seal(id)],
      );
      const webhook = rows[0] as Webhook;
      const { name, events, enabled } = change;
      await writeAudit(tx, {
        tenantId,
        actor,
        action: 'webhook.put',
        subject: webhook.id,
        detail: { name, events, enabled },
      });
      return { webhook, created: webhook.id === id };
    });
  }

  /** The old secret signs as well until `overlapSeconds` from now. */
  async rotate(
    tenantId: string,
    name: string,
    seal: SealFor,
    overlapSeconds: number,
    actor: string,
  ): Promise<Webhook | undefined> {
    return inTransaction(this.dataSource, async (tx) => {
      const [found] = await tx.query<{ id: string }[]>(
        `select id from ledger.webhooks where tenant_id = $1 and name = $2 for update`,
        [tenantId, name],
      );
      if (!found) return undefined;
      const rows = await tx.query<[Webhook[], number]>(
        `update ledger.webhooks set previous_secret = sealed_secret, sealed_secret = $2,
           previous_until = clock_timestamp() + make_interval(secs => $3), updated_at = clock_timestamp()
         where id = $1 returning ${columns}`,
        [found.id, seal(found.id), overlapSeconds],
      );
      const detail = { name, overlap_seconds: overlapSeconds };
      await writeAudit(tx, { tenantId, actor, action: 'webhook.rotate', subject: found.id, detail });
      return rows[0][0];
    });
  }

  /**
   * After a rotation of the key that seals secrets: those that another key has sealed are sealed again by `again`, which answers
   * undefined for what it cannot open; that is counted and stays as it is.
   */
  async sealAgain(
    currentKeyId: string,
    again: (owner: [tenantId: string, webhookId: string], sealed: string) => string | undefined,
  ): Promise<{ sealed: number; unreadable: number }> {
    const rows = await this.dataSource.query<
      { id: string; tenant_id: string; secret: string; previous: string | null }[]
    >(
      `select id, tenant_id, sealed_secret as secret, previous_secret as previous from ledger.webhooks
       where split_part(sealed_secret, '.', 2) <> $1 or split_part(previous_secret, '.', 2) <> $1`,
      [currentKeyId],
    );
    const changed = rows.flatMap(({ id, tenant_id: tenantId, secret, previous }) => {
      const sealed = [secret, ...(previous === null ? [] : [previous])].map((text) => again([tenantId, id], text));
      return sealed.includes(undefined) ? [] : [{ id, was: secret, secret: sealed[0], previous: sealed[1] ?? null }];
    });
    // Only where nobody has made a new secret meanwhile.
    await this.dataSource.query(
      `update ledger.webhooks w set sealed_secret = new.secret, previous_secret = new.previous
       from unnest($1::uuid[], $2::text[], $3::text[], $4::text[]) as new(id, was, secret, previous)
       where w.id = new.id and w.sealed_secret = new.was`,
      [
        changed.map((row) => row.id),
        changed.map((row) => row.was),
        changed.map((row) => row.secret),
        changed.map((row) => row.previous),
      ],
    );
    return { sealed: changed.length, unreadable: rows.length - changed.length };
  }

  async remove(tenantId: string, name: string, actor: string): Promise<boolean> {
    return inTransaction(this.dataSource, async (tx) => {
      const [rows] = await tx.query<[{ id: string }[], number]>(
        `delete from ledger.webhooks where tenant_id = $1 and name = $2 returning id`,
        [tenantId, name],
      );
      if (!rows[0]) return false;
      await writeAudit(tx, { tenantId, actor, action: 'webhook.delete', subject: rows[0].id, detail: { name } });
      return true;
    });
  }
}

/**
 * Switches off webhooks whose receiver answered 410. Only the delivery of a message can say so, and only of the URL it was
 * made for: a change since then stands.
 */
export async function disableGoneWebhooks(
  tx: EntityManager,
  gone: readonly { jobId: string; webhookId: string }[],
): Promise<void> {
  if (gone.length === 0) return;
  await tx.query(
    `update ledger.webhooks w set enabled = false, disabled_reason = 'The receiver answered 410 Gone',
       updated_at = clock_timestamp()
     from unnest($1::uuid[], $2::text[]) as g(job_id, webhook_id), ledger.jobs j
     where j.id = g.job_id and j.kind = 'platform.deliver_webhook' and w.id::text = g.webhook_id
       and w.tenant_id = j.tenant_id and w.enabled and w.updated_at <= j.created_at`,
    [gone.map((g) => g.jobId), gone.map((g) => g.webhookId)],
  );
}
