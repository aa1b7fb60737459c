import { catalogue, type ConcurrencyRule } from '@roundhouse/contracts';
import type { DataSource, EntityManager } from 'typeorm';

/**
 * Concurrency limits as people see and set them. A name is that of a group, for all its keys, or "<group>|<values>", for
 * one key; the values are written as they are shown. `owner` is a tenant, or "*" for groups across tenants.
 */
export interface LimitName {
  group: string;
  /** JSON array of the key's values; undefined: every key of the group. */
  values: string | undefined;
}

export function limitName(name: string): LimitName {
  const at = name.indexOf('|');
  return at < 0 ? { group: name, values: undefined } : { group: name.slice(0, at), values: name.slice(at + 1) };
}

/** What the contract says of a group. Of several rules that share it the lowest limit holds. */
export function contractLimit(group: string): ConcurrencyRule | undefined {
  const rules = catalogue.kinds().flatMap((kind) => kind.concurrency.filter((rule) => rule.group === group));
  return rules.sort((a, b) => a.limit - b.limit)[0];
}

const storedName = (owner: string, { group, values }: LimitName): string =>
  values === undefined ? group : `${group}|${owner}|${values}`;

/** What jobs of the limit wait for; of a whole group the beginning of it. */
export const limitWait = (owner: string, { group, values }: LimitName): string =>
  `slot:${group}|${owner}|${values ?? ''}`;

export async function setLimit(db: EntityManager, owner: string, name: LimitName, maxRunning: number): Promise<void> {
  await db.query(
    `insert into ledger.slot_limits (tenant_id, name, max_running) values ($1, $2, $3)
     on conflict (tenant_id, name) do update set max_running = excluded.max_running`,
    [owner, storedName(owner, name), maxRunning],
  );
}

/** False: there was none. */
export async function removeLimit(db: EntityManager, owner: string, name: LimitName): Promise<boolean> {
  const rows = await db.query<unknown[]>(
    `with gone as (delete from ledger.slot_limits where tenant_id = $1 and name = $2 returning 1) select * from gone`,
    [owner, storedName(owner, name)],
  );
  return rows.length > 0;
}

/** Limits of single keys of a group, of all owners. */
export async function keyedLimits(db: DataSource, group: string): Promise<(LimitName & { owner: string })[]> {
  const rows = await db.query<{ owner: string; name: string }[]>(
    `select tenant_id as owner, name from ledger.slot_limits where starts_with(name, $1)`,
    [`${group}|`],
  );
  return rows.map(({ owner, name }) => ({ owner, group, values: name.slice(`${group}|${owner}|`.length) }));
}

export interface LimitView {
  /** As `PUT` takes it. */
  name: string;
  group: string;
  values: string | undefined;
  acrossTenants: boolean;
  /** Set at run time; undefined: that of the group, or the contract's. */
  own: number | undefined;
  /** Slots in use and jobs of the reader that wait, of all keys of the group or of the one. */
  running: number;
  waiting: number;
}

const shownKeys = 1_000;

/** The groups of the contract and those keys that have a limit of their own, somebody running or somebody waiting. */
export async function readLimits(dataSource: DataSource, tenantId: string): Promise<LimitView[]> {
  const groups = [...new Set(catalogue.kinds().flatMap((kind) => kind.concurrency.map((rule) => rule.group)))].sort();
  const rows = await dataSource.query<{ key: string; running: number; waiting: number }[]>(
    `with used as (
       select h.key, count(*)::integer as running from ledger.slot_holds h where split_part(h.key, '|', 2) in ($1, '*') group by h.key
     ), waits as (
       select substr(j.blocked_on, 6) as key, count(*)::integer as waiting from ledger.jobs j
       where j.state = 'blocked' and j.blocked_on like 'slot:%' and j.tenant_id = $1 group by 1
     )
     select key, coalesce(running, 0) as running, coalesce(waiting, 0) as waiting from used full join waits using (key)
     order by waiting desc nulls last, key limit ${shownKeys}`,
    [tenantId],
  );
  const limits = await dataSource.query<{ name: string; max_running: number }[]>(
    `select name, max_running from ledger.slot_limits where tenant_id in ($1, '*') order by name limit ${shownKeys}`,
    [tenantId],
  );
  const own = new Map(limits.map((limit) => [limit.name, limit.max_running]));
  const keys = new Map(rows.map((row) => [row.key, row]));
  const shown = groups.map((group): LimitView => {
    const of = rows.filter((row) => row.key.startsWith(`${group}|`));
    const sum = (column: 'running' | 'waiting') => of.reduce((total, row) => total + row[column], 0);
    const acrossTenants = contractLimit(group)?.acrossTenants ?? false;
    const totals = { running: sum('running'), waiting: sum('waiting') };
    return { name: group, group, values: undefined, acrossTenants, own: own.get(group), ...totals };
  });
  // A key that tenants share holds values of others' jobs: it is named to those who have jobs waiting for it.
  const isNamed = (key: string) => key.split('|')[1] !== '*' || own.has(key) || (keys.get(key)?.waiting ?? 0) > 0;
  const keyed = [...new Set([...keys.keys(), ...own.keys()])]
    .filter((key) => /^[^|]+\|[^|]+\|./.test(key) && isNamed(key))
    .sort();
  return [
    ...shown,
    ...keyed.map((key): LimitView => {
      const [group = '', owner] = key.split('|');
      const values = key.slice(`${group}|${owner}|`.length);
      const { running = 0, waiting = 0 } = keys.get(key) ?? {};
      return {
        name: `${group}|${values}`,
        group,
        values,
        acrossTenants: owner === '*',
        own: own.get(key),
        running,
        waiting,
      };
    }),
  ];
}
