import type { DataSource, EntityManager } from 'typeorm';
import { nextFireTime } from './cron.js';
import { isJobId } from '../records/index.js';
import { skipDue } from './skipped-times.js';
import type { MisfirePolicy, OverlapPolicy } from './schedule-policy.js';

/** A schedule as people see it. */
export interface StoredSchedule {
  id: string;
  name: string;
  cron: string;
  time_zone: string;
  kind: string;
  payload: Buffer;
  enabled: boolean;
  misfire: MisfirePolicy;
  catch_up_max: number;
  overlap: OverlapPolicy;
  jitter_ms: number;
  source: 'rest' | 'code';
  /** Null: it is not due again. */
  next_fire_at: Date | null;
  created_at: Date;
}

export interface StoredFiring {
  fire_time: Date;
  fired_at: Date;
  outcome: 'fired' | 'skipped';
  reason: string | null;
  job_id: string | null;
  job_state: string | null;
}

export type ScheduleChange = Partial<
  Pick<
    StoredSchedule,
    'name' | 'cron' | 'time_zone' | 'payload' | 'enabled' | 'misfire' | 'catch_up_max' | 'overlap' | 'jitter_ms'
  >
>;

const columns = `id, name, cron, time_zone, kind, payload, enabled, misfire, catch_up_max, overlap, jitter_ms, source,
  nullif(next_fire_at, 'infinity') as next_fire_at, created_at`;

/** The schedules of a tenant: lists, changes, history. Every query is bounded to one tenant. */
export class ScheduleStore {
  constructor(private readonly dataSource: DataSource) {}

  /** By name; `after` is the last name of the page before. */
  async list(
    tenantId: string,
    after: string | undefined,
    limit: number,
  ): Promise<{ schedules: StoredSchedule[]; next: string | undefined }> {
    const rows = await this.dataSource.query<StoredSchedule[]>(
      `select ${columns} from ledger.schedules where tenant_id = $1 and ($2::text is null or name > $2) order by name limit $3`,
      [tenantId, after ?? null, limit + 1],
    );
    const schedules = rows.slice(0, limit);
    return { schedules, next: rows.length > limit ? schedules.at(-1)?.name : undefined };
  }

  async find(tenantId: string, id: string, tx?: EntityManager): Promise<StoredSchedule | undefined> {
    if (!isJobId(id)) return undefined;
    const [row] = await (tx ?? this.dataSource).query<StoredSchedule[]>(
      `select ${columns} from ledger.schedules where tenant_id = $1 and id = $2 ${tx ? 'for update' : ''}`,
      [tenantId, id],
    );
    return row;
  }

  async named(tenantId: string, name: string, tx?: EntityManager): Promise<StoredSchedule | undefined> {
    const [row] = await (tx ?? this.dataSource).query<StoredSchedule[]>(
      `select ${columns} from ledger.schedules where tenant_id = $1 and name = $2`,
      [tenantId, name],
    );
    return row;
  }

  /**
   * A new expression or zone counts from now on; a schedule that is resumed goes on at its next time. What was due until
   * then and has not fired is skipped, whether or not a scheduler has looked since. Throws InvalidCron.
   * @param schedule as it is stored, locked by `tx`
   */
  async change(tx: EntityManager, schedule: StoredSchedule, change: ScheduleChange): Promise<StoredSchedule> {
    const changed = { ...schedule, ...change };
    const moved = changed.cron !== schedule.cron || changed.time_zone !== schedule.time_zone;
    let next: Date | 'infinity' | undefined = moved
      ? nextFireTime(changed.cron, changed.time_zone, new Date())
      : undefined;
    const resumed = changed.enabled && !schedule.enabled;
    if (moved || resumed) {
      const own = await skipDue(tx, schedule, schedule.next_fire_at, schedule.enabled ? 'changed' : 'paused');
      next ??= own ?? 'infinity';
    }
    const [rows] = await tx.query<[StoredSchedule[], number]>(
      `update ledger.schedules set name = $2, cron = $3, time_zone = $4, payload = $5, enabled = $6, misfire = $7, catch_up_max = $8,
         overlap = $9, jitter_ms = $10, next_fire_at = coalesce($11, next_fire_at)
       where id = $1 returning ${columns}`,
      [
        schedule.id,
        changed.name,
        changed.cron,
        changed.time_zone,
        changed.payload,
        changed.enabled,
        changed.misfire,
        changed.catch_up_max,
        changed.overlap,
        changed.jitter_ms,
        next ?? null,
      ],
    );
    return rows[0] as StoredSchedule;
  }

  async remove(tx: EntityManager, id: string): Promise<void> {
    await tx.query(`delete from ledger.schedules where id = $1`, [id]);
  }

  /** Fired and skipped times, latest first; `before` is the last time of the page before. */
  async history(
    scheduleId: string,
    before: Date | undefined,
    limit: number,
  ): Promise<{ firings: StoredFiring[]; next: Date | undefined }> {
    const rows = await this.dataSource.query<StoredFiring[]>(
      `select f.fire_time, f.fired_at, f.outcome, f.reason, f.job_id, j.state as job_state
       from ledger.schedule_firings f left join ledger.jobs j on j.id = f.job_id
       where f.schedule_id = $1 and ($2::timestamptz is null or f.fire_time < $2) order by f.fire_time desc limit $3`,
      [scheduleId, before ?? null, limit + 1],
    );
    const firings = rows.slice(0, limit);
    return { firings, next: rows.length > limit ? firings.at(-1)?.fire_time : undefined };
  }
}

const skippedDays = 7;
const firedDays = 90;

/** Old history; a schedule's next time lies far behind it, so nothing fires again. */
export async function forgetFirings(dataSource: DataSource): Promise<void> {
  await dataSource.query(
    `delete from ledger.schedule_firings
     where fired_at < now() - make_interval(days => case outcome when 'skipped' then ${skippedDays} else ${firedDays} end)`,
  );
}
