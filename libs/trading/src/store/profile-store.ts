import type { Transaction } from '@roundhouse/jobs';
import type { LotMethod } from '../lots/round-trip.js';
import type { Owner } from './owner.js';

export interface Profile {
  /** IANA name. */
  timeZone: string;
  /** ISO 4217. */
  currency: string;
  lotMethod: LotMethod;
  /** Decimal text; null when it is not known. */
  startingEquity: string | null;
}

const defaults: Profile = { timeZone: 'UTC', currency: 'USD', lotMethod: 'fifo', startingEquity: null };

const columns = `time_zone as "timeZone", currency, lot_method as "lotMethod", starting_equity as "startingEquity"`;

export class ProfileStore {
  constructor(private readonly database: Transaction) {}

  /** A user nobody has described yet has the defaults: UTC, USD, FIFO, equity unknown. */
  async get({ tenantId, userId }: Owner): Promise<Profile> {
    const [found] = await this.database.query<Profile[]>(
      `select ${columns} from trading.profiles where tenant_id = $1 and user_id = $2`,
      [tenantId, userId],
    );
    return found ?? { ...defaults };
  }

  async put({ tenantId, userId }: Owner, profile: Profile): Promise<Profile> {
    const rows = await this.database.query<Profile[]>(
      `insert into trading.profiles (tenant_id, user_id, time_zone, currency, lot_method, starting_equity)
       values ($1, $2, $3, $4, $5, $6)
       on conflict (tenant_id, user_id) do update
         set time_zone = excluded.time_zone, currency = excluded.currency, lot_method = excluded.lot_method,
             starting_equity = excluded.starting_equity, updated_at = now()
       returning ${columns}`,
      [tenantId, userId, profile.timeZone, profile.currency, profile.lotMethod, profile.startingEquity],
    );
    return rows[0]!;
  }
}
