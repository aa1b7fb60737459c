import { createHash } from 'node:crypto';
import type { DataSource, EntityManager } from 'typeorm';
import { v7 as uuidv7 } from 'uuid';
import { writeAudit } from '../tenancy/index.js';
import { deadCondition, type DeadFilter } from './dead-filter.js';
import { IdempotencyConflict, type IdempotencyKey } from '../acceptance/index.js';
import { inTransaction } from '../storage/index.js';
import { LockedJobs, type RulesOf } from '../records/index.js';
import { revive } from './revival.js';
import { announceJobs, type ChangedJob, writeJobs } from '../transitions/index.js';

export interface RedrivesOptions {
  onChanged(jobs: Iterable<ChangedJob>): void;
  onDispatch(): void;
}

export interface SingleRedrive {
  actor: string;
  /** Takes the place of the payload; it has been validated against the contract. */
  payload?: Uint8Array;
  runAt?: Date;
}

export type SingleRedriveAnswer =
  { done: true; state: string } | { done: false; reason: string } | /** There is no such job. */ undefined;

export interface NewRedrive {
  tenantId: string;
  filter: DeadFilter;
  actor: string;
  /** 1, then 10, then all; stops by itself when the fingerprint recurs. */
  canary: boolean;
  /** Undefined: as fast as possible. */
  perSecond?: number;
  /** For the audit log. */
  reason?: string;
  idempotency?: IdempotencyKey;
}

const sha256 = (bytes: Uint8Array): string => createHash('sha256').update(bytes).digest('hex');

/** Sends dead jobs again: one at once, or many through a redrive that the redriver carries out. */
export class Redrives {
  constructor(
    private readonly dataSource: DataSource,
    private readonly rulesOf: RulesOf,
    private readonly options: RedrivesOptions,
  ) {}

  async one(tenantId: string, jobId: string, redrive: SingleRedrive): Promise<SingleRedriveAnswer> {
    const { payload, runAt } = redrive;
    const outcome = await inTransaction(this.dataSource, async (tx) => {
      const locked = await LockedJobs.byId(tx, [jobId], this.rulesOf);
      const job = locked.get(jobId);
      if (job?.tenantId !== tenantId) return undefined;
      const before = payload && (await payloadHash(tx, jobId));
      const refused = await revive(tx, locked, [job], { payload, runAt: runAt?.getTime() });
      const reason = refused.get(jobId);
      if (reason !== undefined) return { reason };
      const sets = await writeJobs(tx, locked, this.rulesOf);
      const hashes = payload && { payload_before_sha256: before, payload_after_sha256: sha256(payload) };
      const detail = { fingerprint: job.fingerprint, ...(runAt && { run_at: runAt.toISOString() }), ...hashes };
      const action = payload ? 'job.edit_and_redrive' : 'job.redrive';
      await writeAudit(tx, { tenantId, actor: redrive.actor, action, subject: jobId, detail });
      return { sets, state: job.status.state };
    });
    if (!outcome) return undefined;
    if (!outcome.sets) return { done: false, reason: outcome.reason };
    announceJobs(outcome.sets, this.options);
    return { done: true, state: outcome.state };
  }

  /** Freezes the matching set: what dies later is none of this redrive's business. Answers the redrive's id. */
  async create(redrive: NewRedrive): Promise<{ id: string; repeated: boolean }> {
    return inTransaction(this.dataSource, async (tx) => {
      const id = uuidv7();
      const earlier = redrive.idempotency && (await claimKey(tx, redrive.tenantId, redrive.idempotency, id));
      if (earlier) return { id: earlier, repeated: true };
      const { tenantId, filter, actor, canary, perSecond, reason } = redrive;
      await tx.query(
        `insert into ledger.redrives (id, tenant_id, filter, state, canary, per_second, stage, matched, created_by)
         values ($1, $2, $3::jsonb, 'running', $4, $5, $6, 0, $7)`,
        [id, tenantId, JSON.stringify(filter), canary, perSecond ?? null, canary ? 1 : 0, actor],
      );
      const matched = await freeze(tx, id, tenantId, filter);
      await tx.query(
        `update ledger.redrives set matched = $2::integer, state = case when $2::integer = 0 then 'finished' else state end,
           finished_at = case when $2::integer = 0 then now() end where id = $1`,
        [id, matched],
      );
      const detail = { filter, canary, per_second: perSecond, matched, reason };
      await writeAudit(tx, { tenantId, actor, action: 'redrive.create', subject: id, detail });
      return { id, repeated: false };
    });
  }

  /** What has been sent goes its way. False: it was not running. */
  async stop(tenantId: string, id: string, actor: string): Promise<boolean> {
    return inTransaction(this.dataSource, async (tx) => {
      const rows = await tx.query<[unknown[], number]>(
        `update ledger.redrives set state = 'stopped', stop_reason = $3, finished_at = clock_timestamp()
         where id = $1 and tenant_id = $2 and state = 'running' returning id`,
        [id, tenantId, `Stopped by ${actor}`],
      );
      if (rows[1] === 0) return false;
      await writeAudit(tx, { tenantId, actor, action: 'redrive.stop', subject: id });
      return true;
    });
  }
}

async function payloadHash(tx: EntityManager, jobId: string): Promise<string> {
  const [row] = await tx.query<{ payload: Buffer }[]>(`select payload from ledger.jobs where id = $1`, [jobId]);
  return sha256(row?.payload ?? Buffer.alloc(0));
}

/** In an order that takes one job of every fingerprint before a second one of any: a canary shall meet them all. */
async function freeze(tx: EntityManager, redriveId: string, tenantId: string, filter: DeadFilter): Promise<number> {
  const { sql, parameters } = deadCondition(tenantId, filter);
  const [row] = await tx.query<{ count: number }[]>(
    `with matching as (
       select j.id, j.fingerprint, j.finished_at, row_number() over (partition by j.fingerprint order by j.id) as turn
       from ledger.jobs j where ${sql}
     ), frozen as (
       insert into ledger.redrive_jobs (redrive_id, job_id, fingerprint, died_at, position)
       select $${parameters.length + 1}::uuid, id, fingerprint, finished_at, row_number() over (order by turn, id) from matching
       returning 1
     )
     select count(*)::integer as count from frozen`,
    [...parameters, redriveId],
  );
  return row?.count ?? 0;
}

/** Id of the redrive that an earlier request with this key made. */
async function claimKey(
  tx: EntityManager,
  tenantId: string,
  { route, key, bodyHash }: IdempotencyKey,
  id: string,
): Promise<string | undefined> {
  const inserted = await tx.query<unknown[]>(
    `insert into ledger.idempotency_keys (tenant_id, route, key, body_hash, job_ids) values ($1, $2, $3, $4, array[$5::uuid])
     on conflict do nothing returning key`,
    [tenantId, route, key, bodyHash, id],
  );
  if (inserted.length > 0) return undefined;
  const [row] = await tx.query<{ body_hash: Buffer; job_ids: string[] }[]>(
    `select body_hash, job_ids from ledger.idempotency_keys where tenant_id = $1 and route = $2 and key = $3`,
    [tenantId, route, key],
  );
  if (!row?.body_hash.equals(bodyHash))
    throw new IdempotencyConflict(`Idempotency key ${key} was used before with another body`);
  return row.job_ids[0];
}
