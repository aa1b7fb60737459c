import { Injectable } from '@nestjs/common';
import { GenerateDigestRequest, ImportTradesRequest } from '@roundhouse/contracts';
import { Schedules } from '@roundhouse/ledger';
import { ProfileStore, type Connection, type Owner } from '@roundhouse/trading';

// Before people look at it, and after the imports of the night.
const digestCron = '0 6 * * 1';
const importCron = '15 5 * * *';

const digestName = (userId: string): string => `trading.digest/${userId}`;
const importName = (connectionId: string): string => `trading.import/${connectionId}`;

/**
 * What runs by itself for a user: the digest of the last week every Monday, and every day an import of each connection's
 * last 30 days, both in the user's time zone. Importing overlapping windows stores nothing twice.
 */
@Injectable()
export class TradingSchedules {
  constructor(
    private readonly schedules: Schedules,
    private readonly profiles: ProfileStore,
  ) {}

  async weeklyDigest(owner: Owner): Promise<void> {
    const { tenantId, userId } = owner;
    const payload = GenerateDigestRequest.encode(GenerateDigestRequest.fromPartial({ userId })).finish();
    const timeZone = (await this.profiles.get(owner)).timeZone;
    const name = digestName(userId);
    await this.schedules.put({ tenantId, name, cron: digestCron, timeZone, kind: 'trading.generate_digest', payload });
  }

  async dailyImport(owner: Owner, { id }: Pick<Connection, 'id'>): Promise<void> {
    const { tenantId, userId } = owner;
    // Without a window the import takes the last 30 days.
    const request = ImportTradesRequest.fromPartial({ userId, source: { $case: 'connectionId', value: id } });
    const payload = ImportTradesRequest.encode(request).finish();
    const timeZone = (await this.profiles.get(owner)).timeZone;
    const kind = 'trading.import_trades';
    await this.schedules.put({
      tenantId,
      name: importName(id),
      cron: importCron,
      timeZone,
      kind,
      payload,
      overlap: 'skip',
    });
  }

  async noMoreImports(tenantId: string, connectionId: string): Promise<void> {
    await this.schedules.remove(tenantId, importName(connectionId));
  }
}
