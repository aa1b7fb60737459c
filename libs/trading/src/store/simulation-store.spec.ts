import { migratedSource } from '@roundhouse/testing';
import { randomUUID } from 'node:crypto';
import { SimulationStore } from './simulation-store.js';
import { createTradingDataSource } from './trading-data-source.js';

const source = migratedSource(createTradingDataSource);

const ada = { tenantId: 'acme', userId: 'ada' };
const other = { tenantId: 'other', userId: 'ada' };

it('keeps one simulation per trade, horizon and state of the bars', async () => {
  const simulations = new SimulationStore(source);
  const key = { roundTripId: randomUUID(), horizonDays: 20, barsVersion: 'v1' };
  const input = {
    ...key,
    partial: false,
    pnlActual: '12.30',
    bestAlternative: 'hold_5',
    bestDeltaPnl: null,
    outcome: { a: [1] },
  };
  const saved = await simulations.save(ada, input);
  expect(saved).toMatchObject(input);
  expect((await simulations.save(ada, { ...input, bestDeltaPnl: '3' })).id).toBe(saved.id);
  expect((await simulations.latest(ada, [key.roundTripId])).map((one) => one.id)).toEqual([saved.id]);
  expect(await simulations.latest(other, [key.roundTripId])).toEqual([]);
  expect(await simulations.fresh(ada, key, 3_600_000)).toMatchObject({ id: saved.id, bestDeltaPnl: '3' });
  expect(await simulations.fresh(ada, key, 0)).toBeUndefined();
  expect(await simulations.fresh(ada, { ...key, barsVersion: 'v2' }, 3_600_000)).toBeUndefined();
  expect(await simulations.fresh(other, key, 3_600_000)).toBeUndefined();
  expect([await simulations.find('other', saved.id), await simulations.find('acme', 'x')]).toEqual([
    undefined,
    undefined,
  ]);
});
