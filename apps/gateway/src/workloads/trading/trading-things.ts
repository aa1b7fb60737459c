import type { ConnectionStore, ImportStore } from '@roundhouse/trading';
import type { WorkloadThing } from '../../platform/workload/index.js';

export const tradingThings = ['trade_import', 'account'] as const;

/** Imports have the id of their job. */
export async function findTradingThings(
  stores: { imports: ImportStore; connections: ConnectionStore },
  tenantId: string,
  id: string,
): Promise<WorkloadThing<(typeof tradingThings)[number]>[]> {
  const [tradeImport, account] = await Promise.all([
    stores.imports.find(tenantId, id),
    stores.connections.find(tenantId, id),
  ]);
  return [
    ...(tradeImport ? [{ type: 'trade_import' as const, id, name: '', state: null }] : []),
    ...(account ? [{ type: 'account' as const, id, name: account.name, state: null, user_id: account.userId }] : []),
  ];
}
