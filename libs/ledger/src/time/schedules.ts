import { catalogue, type KindDefinition } from '@roundhouse/contracts';
import { count } from '@roundhouse/telemetry';
import type { DataSource, EntityManager } from 'typeorm';
import { v7 as uuidv7 } from 'uuid';
import { nextFireTime } from './cron.js';
import { catalogueRules, type LockedJobs, type RulesOf } from '../records/index.js';
import { inTransaction } from '../storage/index.js';
import { fire, fireOnce, knownKinds, type DueSchedule, type FiredSchedule, type Firings } from './schedule-firing.js';
import type { MisfirePolicy, OverlapPolicy } from './schedule-policy.js';
import { type Clockwork, skipDue, type SkipReason } from './skipped-times.js';
import { announceJobs, type ChangedJob } from '../transitions/index.js';

export type { FiredSchedule } from './schedule-firing.js';

export interface NewSchedule {
  tenantId: string;
  /** Unique within the tenant; an existing schedule of that name is replaced. */
  name: string;
  cron: string;
  timeZone: string;
  kind: string;
  payload: Uint8Array;
  /** @default fire_once */
  misfire?: MisfirePolicy;
  /** Missed times that `catch_up` makes up for. @default 10 */
  catchUpMax?: number;
  /** @default allow */
  overlap?: OverlapPolicy;
  /** Each job starts up to this much later, at random. @default 0 */
  jitterMs?: number;
  /** Who it comes from: 'code' schedules follow the list of the running version. @default rest */
  source?: 'rest' | 'code';
}

export interface SchedulesOptions {
  rulesOf?: RulesOf;
  onChanged?(jobs: Iterable<ChangedJob>): void;
  /** Tells the worker of a cancelled attempt to stop. */
  stop?(jobId: string, attempt: number): void;
}

const batchSize = 100;
export const dueColumns = `id, tenant_id, name, cron, time_zone, kind, payload, enabled, misfire, catch_up_max, overlap, jitter_ms,
  next_fire_at, clock_timestamp() as now`;

/** Cron schedules. One job per schedule and fire time, whatever number of schedulers run. */
export class Schedules {
  private readonly rulesOf: RulesOf;

  constructor(
    private readonly dataSource: DataSource,
    private readonly newTraceparent: () => string,
    private readonly options: SchedulesOptions = {},
  ) {
    this.rulesOf = options.rulesOf ?? catalogueRules();
  }

  /**
   * Creates or replaces the schedule of that name. One that somebody has paused stays paused. As long as expression and
   * zone stay the same a time that is due stays due; else what is due and has not fired is skipped. Throws InvalidCron.
   * @param tx a transaction of the caller's to do it in
   */
  put(schedule: NewSchedule, tx?: EntityManager): Promise<{ id: string; nextFireAt: Date }> {
    return tx ? this.putIn(tx, schedule) : inTransaction(this.dataSource, (own) => this.putIn(own, schedule));
  }

  private async putIn(tx: EntityManager, schedule: NewSchedule): Promise<{ id: string; nextFireAt: Date }> {
    const { tenantId, name, cron, timeZone, kind, payload } = schedule;
    const { misfire = 'fire_once', catchUpMax = 10, overlap = 'allow', jitterMs = 0, source = 'rest' } = schedule;
    const nextFireAt = nextFireTime(cron, timeZone, new Date());
    await skipReplaced(tx, schedule);
    const [row] = await tx.query<{ id: string; next_fire_at: Date }[]>(
      `insert into ledger.schedules as s (id, tenant_id, name, cron, time_zone, kind, payload, next_fire_at, misfire, catch_up_max, overlap, jitter_ms, source)
       values ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13)
       on conflict (tenant_id, name) do update set cron = excluded.cron, time_zone = excluded.time_zone, kind = excluded.kind,
         payload = excluded.payload, misfire = excluded.misfire, catch_up_max = excluded.catch_up_max, overlap = excluded.overlap,
         jitter_ms = excluded.jitter_ms, source = excluded.source,
         enabled = s.enabled or s.next_fire_at = 'infinity',
         next_fire_at = case when (s.cron, s.time_zone) = (excluded.cron, excluded.time_zone) and s.next_fire_at < excluded.next_fire_at
                             then s.next_fire_at else excluded.next_fire_at end
       returning id, next_fire_at`,
      [
        uuidv7(),
        tenantId,
        name,
        cron,
        timeZone,
        kind,
        Buffer.from(payload),
        nextFireAt,
        misfire,
        catchUpMax,
        overlap,
        jitterMs,
        source,
      ],
    );
    return { id: row?.id as string, nextFireAt: row?.next_fire_at ?? nextFireAt };
  }

  async remove(tenantId: string, name: string, tx?: EntityManager): Promise<void> {
    await (tx ?? this.dataSource).query(`delete from ledger.schedules where tenant_id = $1 and name = $2`, [
      tenantId,
      name,
    ]);
  }

  /** Makes the schedules from code those of the list: new and changed ones are stored, those that are gone are removed. */
  async mergeCode(schedules: readonly Omit<NewSchedule, 'source'>[]): Promise<void> {
    await inTransaction(this.dataSource, async (tx) => {
      // Several schedulers start at the same time.
      await tx.query(`select pg_advisory_xact_lock(hashtext('roundhouse.code_schedules'))`);
      for (const schedule of schedules) await this.put({ ...schedule, source: 'code' }, tx);
      await tx.query(
        `delete from ledger.schedules where source = 'code'
         and (tenant_id, name) not in (select * from unnest($1::text[], $2::text[]))`,
        [schedules.map((s) => s.tenantId), schedules.map((s) => s.name)],
      );
    });
  }

  /** Fires what is due: the firing, its job and the next fire time in one transaction. */
  async fireDue(): Promise<FiredSchedule[]> {
    const { fired, changed, skipped } = await inTransaction(this.dataSource, async (tx) => {
      const due = await tx.query<DueSchedule[]>(
        `select ${dueColumns} from ledger.schedules
         where next_fire_at <= clock_timestamp() and kind = any($2::text[]) order by next_fire_at limit $1 for update skip locked`,
        [batchSize, knownKinds()],
      );
      const all: Firings = { fired: [], changed: [], skipped: [] };
      for (const row of due) {
        const firings = await fire(tx, row, catalogue.kind(row.kind) as KindDefinition, this.firing());
        all.fired.push(...firings.fired);
        all.changed.push(...firings.changed);
        all.skipped.push(...firings.skipped);
      }
      return all;
    });
    this.announce(changed);
    for (const { tenantId: tenant } of fired) count('firings', { tenant, outcome: 'fired' });
    for (const { tenantId: tenant, reason, times } of skipped)
      count('firings', { tenant, outcome: 'skipped', reason }, times);
    return fired;
  }

  /**
   * Fires a schedule now, paused or not; its own times stay as they are. Undefined: the tenant has none of that id, or its
   * kind is unknown. `jobId` undefined: the overlap policy, the kind's uniqueness or what its payload says forbids it (`skipped`).
   */
  async runNow(tenantId: string, id: string): Promise<{ jobId: string | undefined; skipped?: SkipReason } | undefined> {
    const outcome = await inTransaction(this.dataSource, async (tx) => {
      const [row] = await tx.query<DueSchedule[]>(
        `select ${dueColumns} from ledger.schedules where tenant_id = $1 and id = $2 for update`,
        [tenantId, id],
      );
      const definition = row && catalogue.kind(row.kind);
      return definition && fireOnce(tx, row, row.now, definition, this.firing(), { runNow: true });
    });
    if (!outcome) return undefined;
    this.announce(outcome.changed);
    return { jobId: outcome.jobId, skipped: outcome.skipped };
  }

  private firing() {
    return { rulesOf: this.rulesOf, newTraceparent: this.newTraceparent };
  }

  private announce(sets: readonly LockedJobs[]): void {
    for (const { jobId, attempt } of sets.flatMap((set) => set.stopped)) this.options.stop?.(jobId, attempt);
    announceJobs(sets, { onChanged: (jobs) => this.options.onChanged?.(jobs) });
  }
}

/** What the schedule of that name owes by an expression or zone that is replaced now. */
async function skipReplaced(tx: EntityManager, { tenantId, name, cron, timeZone }: NewSchedule): Promise<void> {
  const [old] = await tx.query<(Clockwork & { enabled: boolean; next_fire_at: Date })[]>(
    `select id, cron, time_zone, enabled, next_fire_at from ledger.schedules
     where tenant_id = $1 and name = $2 and (cron, time_zone) <> ($3, $4) and next_fire_at <= clock_timestamp() for update`,
    [tenantId, name, cron, timeZone],
  );
  if (old) await skipDue(tx, old, old.next_fire_at, old.enabled ? 'changed' : 'paused');
}
