import { migratedSource } from '@roundhouse/testing';
import { UploadStore } from './upload-store.js';
import { createTradingDataSource } from './trading-data-source.js';

const source = migratedSource(createTradingDataSource);

const ada = { tenantId: 'acme', userId: 'ada' };
const other = { tenantId: 'other', userId: 'ada' };

it('finds an upload for its owner only', async () => {
  const uploads = new UploadStore(source);
  await uploads.add(ada, { storageKey: 'uploads/1.csv', name: 'trades.csv', bytes: 5_000_000_000, sha256: 'ab' });
  expect(await uploads.find(ada, 'uploads/1.csv')).toMatchObject({ name: 'trades.csv', bytes: 5_000_000_000 });
  expect(await uploads.find(other, 'uploads/1.csv')).toBeUndefined();
});
