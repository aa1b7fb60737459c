import { migratedSource } from '@roundhouse/testing';
import { ProfileStore } from './profile-store.js';
import { createTradingDataSource } from './trading-data-source.js';

const source = migratedSource(createTradingDataSource);

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
