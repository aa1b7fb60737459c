import type { Transaction } from '@roundhouse/jobs';
import { randomUUID } from 'node:crypto';
import { Decimal } from '../model/decimal.js';
import type { WhatIf } from '../simulation/what-if.js';
import type { Owner } from './owner.js';
import { decodePageCursor, pageOf, type Page, type PageRequest } from './page-cursor.js';
import { isUuid } from './uuid.js';

/** A round trip, how far it was followed, and the state of the bars it was worked out with. */
export interface SimulationKey {
  roundTripId: string;
  horizonDays: number;
  /** Changes whenever a bar it rests on does. */
  barsVersion: string;
}

export interface Simulation extends SimulationKey {
  id: string;
  userId: string;
  /** The horizon was not over yet. */
  partial: boolean;
  /** Decimal text in the trade's currency, like the delta. */
  pnlActual: string;
  /** Empty when there is no alternative yet. */
  bestAlternative: string;
  bestDeltaPnl: string | null;
  /** The alternatives with their curves, as they are shown. */
  outcome: unknown;
  computedAt: Date;
}

export type SimulationInput = Omit<Simulation, 'id' | 'userId' | 'computedAt'>;

const decimalFields = new Set(['pnlActual', 'price', 'target', 'exitPrice', 'pnl', 'deltaPnl']);

/** A stored outcome with its decimals: in JSON they are text. */
export function whatIfOfOutcome(outcome: unknown): WhatIf {
  return JSON.parse(JSON.stringify(outcome), (name, value: unknown) =>
    typeof value === 'string' && decimalFields.has(name) ? new Decimal(value) : value,
  ) as WhatIf;
}

const columns = `id, user_id as "userId", round_trip_id as "roundTripId", horizon_days as "horizonDays",
  bars_version as "barsVersion", partial, pnl_actual as "pnlActual", best_alternative as "bestAlternative",
  best_delta_pnl as "bestDeltaPnl", outcome, computed_at as "computedAt"`;

export class SimulationStore {
  constructor(private readonly database: Transaction) {}

  /** The one worked out for this key at most `maxAgeMs` ago. */
  async fresh({ tenantId, userId }: Owner, key: SimulationKey, maxAgeMs: number): Promise<Simulation | undefined> {
    const [found] = await this.database.query<Simulation[]>(
      `select ${columns} from trading.simulations
        where tenant_id = $1 and user_id = $2 and round_trip_id = $3 and horizon_days = $4 and bars_version = $5
          and computed_at > now() - $6::float8 * interval '1 ms'`,
      [tenantId, userId, key.roundTripId, key.horizonDays, key.barsVersion, maxAgeMs],
    );
    return found;
  }

  /** Keeps the id of an earlier one with the same key. */
  async save({ tenantId, userId }: Owner, simulation: SimulationInput): Promise<Simulation> {
    const [saved] = await this.database.query<Simulation[]>(
      `insert into trading.simulations (id, tenant_id, user_id, round_trip_id, horizon_days, bars_version, partial,
         pnl_actual, best_alternative, best_delta_pnl, outcome)
       values ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11)
       on conflict (tenant_id, user_id, round_trip_id, horizon_days, bars_version) do update
         set partial = excluded.partial, pnl_actual = excluded.pnl_actual, best_alternative = excluded.best_alternative,
             best_delta_pnl = excluded.best_delta_pnl, outcome = excluded.outcome, computed_at = now()
       returning ${columns}`,
      [
        randomUUID(),
        tenantId,
        userId,
        simulation.roundTripId,
        simulation.horizonDays,
        simulation.barsVersion,
        simulation.partial,
        simulation.pnlActual,
        simulation.bestAlternative,
        simulation.bestDeltaPnl,
        JSON.stringify(simulation.outcome),
      ],
    );
    return saved!;
  }

  /** The last one of each of these round trips, whatever its horizon. */
  async latest({ tenantId, userId }: Owner, roundTripIds: readonly string[]): Promise<Simulation[]> {
    return this.database.query<Simulation[]>(
      `select distinct on (round_trip_id) ${columns} from trading.simulations
        where tenant_id = $1 and user_id = $2 and round_trip_id = any($3)
        order by round_trip_id, computed_at desc`,
      [tenantId, userId, roundTripIds],
    );
  }

  /** Worked out last comes first. */
  async page({ tenantId, userId }: Owner, { limit, cursor }: PageRequest): Promise<Page<Simulation>> {
    const after = decodePageCursor(cursor);
    const rows = await this.database.query<Simulation[]>(
      `select ${columns} from trading.simulations
        where tenant_id = $1 and user_id = $2 and ($3::timestamptz is null or (computed_at, id) < ($3::timestamptz, $4::uuid))
        order by computed_at desc, id desc limit $5`,
      [tenantId, userId, after?.at, after?.id, limit + 1],
    );
    return pageOf(rows, limit, ({ computedAt, id }) => ({ at: computedAt, id }));
  }

  async find(tenantId: string, id: string): Promise<Simulation | undefined> {
    if (!isUuid(id)) return undefined;
    const [found] = await this.database.query<Simulation[]>(
      `select ${columns} from trading.simulations where tenant_id = $1 and id = $2`,
      [tenantId, id],
    );
    return found;
  }
}
