import { createMigratedDatabase, type MigratedDatabase } from '@roundhouse/testing';
import type { DataSource } from 'typeorm';
import { ProfileStore } from './profile-store.js';
import { createTradingDataSource } from './trading-data-source.js';

let database: MigratedDatabase<DataSource>;
let source: DataSource;
beforeAll(async () => {
  database = await createMigratedDatabase(createTradingDataSource);
  source = database.source;
});
afterAll(() => database?.close());

const ada = { tenantId: 'acme', userId: 'ada' };
const other = { tenantId: 'other', userId: 'ada' };

it('gives a profile, its defaults before there is one', async () => {
  const profiles = new ProfileStore(source);
  expect(await profiles.get(ada)).toEqual({
    timeZone: 'UTC',
    currency: 'USD',
    lotMethod: 'fifo',
    startingEquity: null,
  });
  const profile = {
    timeZone: 'Europe/Vienna',
    currency: 'EUR',
    lotMethod: 'average' as const,
    startingEquity: '10000.10',
  };
  expect(await profiles.put(ada, profile)).toEqual(profile);
  expect(await profiles.get(ada)).toEqual(profile);
  expect((await profiles.get(other)).currency).toBe('USD');
});
