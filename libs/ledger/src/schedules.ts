import { catalogue } from '@roundhouse/contracts';
import type { DataSource, EntityManager } from 'typeorm';
import { v7 as uuidv7 } from 'uuid';
import { InvalidCron, nextFireTime } from './cron.js';
import { inTransaction } from './ledger-database.js';
import { insertJobs, newJobId } from './new-job.js';

export interface NewSchedule {
  tenantId: string;
  /** Unique within the tenant; an existing schedule of that name is replaced. */
  name: string;
  cron: string;
  timeZone: string;
  kind: string;
  payload: Uint8Array;
}

interface ScheduleRow {
  id: string;
  tenant_id: string;
  name: string;
  cron: string;
  time_zone: string;
  kind: string;
  payload: Buffer;
  next_fire_at: Date;
  now: Date;
}

export interface FiredSchedule {
  tenantId: string;
  name: string;
  fireTime: Date;
  jobId: string;
}

const batchSize = 100;

/** Cron schedules. One job per schedule and fire time, whatever number of schedulers run. */
export class Schedules {
  constructor(
    private readonly dataSource: DataSource,
    private readonly newTraceparent: () => string,
  ) {}

  /** Creates or replaces the schedule of that name. Throws InvalidCron. */
  async put(schedule: NewSchedule): Promise<{ id: string; nextFireAt: Date }> {
    const { tenantId, name, cron, timeZone, kind, payload } = schedule;
    const nextFireAt = nextFireTime(cron, timeZone, new Date());
    const [row] = await this.dataSource.query<{ id: string }[]>(
      `insert into ledger.schedules (id, tenant_id, name, cron, time_zone, kind, payload, next_fire_at)
       values ($1, $2, $3, $4, $5, $6, $7, $8)
       on conflict (tenant_id, name) do update set cron = excluded.cron, time_zone = excluded.time_zone, kind = excluded.kind,
         payload = excluded.payload, next_fire_at = excluded.next_fire_at, enabled = true
       returning id`,
      [uuidv7(), tenantId, name, cron, timeZone, kind, Buffer.from(payload), nextFireAt],
    );
    return { id: row?.id as string, nextFireAt };
  }

  async remove(tenantId: string, name: string): Promise<void> {
    await this.dataSource.query(`delete from ledger.schedules where tenant_id = $1 and name = $2`, [tenantId, name]);
  }

  /** Fires what is due: the firing, its job and the next fire time in one transaction. */
  async fireDue(): Promise<FiredSchedule[]> {
    return inTransaction(this.dataSource, async (tx) => {
      const due = await tx.query<ScheduleRow[]>(
        `select id, tenant_id, name, cron, time_zone, kind, payload, next_fire_at, clock_timestamp() as now from ledger.schedules
         where enabled and next_fire_at <= clock_timestamp() order by next_fire_at limit $1 for update skip locked`,
        [batchSize],
      );
      const fired: FiredSchedule[] = [];
      for (const row of due) {
        const jobId = await this.fire(tx, row);
        if (jobId) fired.push({ tenantId: row.tenant_id, name: row.name, fireTime: row.next_fire_at, jobId });
      }
      return fired;
    });
  }

  /** Undefined: another scheduler has fired this time already, or the kind is gone from the contract. */
  private async fire(tx: EntityManager, row: ScheduleRow): Promise<string | undefined> {
    const definition = catalogue.kind(row.kind);
    // After an outage the missed times collapse into this one firing; the next one lies in the future.
    const next = timeAfter(row);
    await tx.query(
      `update ledger.schedules set next_fire_at = coalesce($2, next_fire_at), enabled = enabled and $3 where id = $1`,
      [row.id, next, next !== undefined && definition !== undefined],
    );
    if (!definition) return undefined;
    const jobId = newJobId();
    const firing = await tx.query<unknown[]>(
      `insert into ledger.schedule_firings (schedule_id, fire_time, job_id) values ($1, $2, $3) on conflict do nothing returning job_id`,
      [row.id, row.next_fire_at, jobId],
    );
    if (firing.length === 0) return undefined;
    const { kind, version, queue, timeoutMs } = definition;
    const { tenant_id: tenantId, payload } = row;
    await insertJobs(tx, [
      { id: jobId, tenantId, kind, version, queue, payload, timeoutMs, traceparent: this.newTraceparent() },
    ]);
    return jobId;
  }
}

/** Undefined: it was due for the last time, or this machine does not know its zone any more. Others must fire all the same. */
function timeAfter({ cron, time_zone: timeZone, now }: ScheduleRow): Date | undefined {
  try {
    return nextFireTime(cron, timeZone, now);
  } catch (error) {
    if (error instanceof InvalidCron) return undefined;
    throw error;
  }
}
