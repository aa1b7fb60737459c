import { migratedSource, waitFor } from '@roundhouse/testing';
import { createTradingDataSource } from './trading-data-source.js';
import { UploadExpiry } from './upload-expiry.js';
import { UploadStore } from './upload-store.js';

const source = migratedSource(createTradingDataSource);
const uploads = new UploadStore(source);
beforeEach(() => source.query('delete from trading.uploads'));

const ada = { tenantId: 'acme', userId: 'ada' };
const yesterday = () => new Date(Date.now() - 86_400_000);
const add = (storageKey: string) => uploads.add(ada, { storageKey, name: 'trades.csv', bytes: 1, sha256: 'ab' });

async function addOld(storageKey: string): Promise<void> {
  await add(storageKey);
  await source.query(`update trading.uploads set created_at = now() - interval '2 days' where storage_key = $1`, [
    storageKey,
  ]);
}

const waits = async () => {
  const [row] = await source.query<{ waits: boolean }[]>(
    `select exists (select from pg_stat_activity where datname = current_database() and wait_event_type = 'Lock') as waits`,
  );
  return row!.waits;
};

it('removes old uploads and their files, and no others', async () => {
  for (const key of ['old/1', 'old/2', 'again']) await addOld(key);
  await add('again');
  await add('new');
  const removed: string[] = [];
  const expiry = new UploadExpiry(source);
  expect(await expiry.sweep(yesterday(), async (key) => void removed.push(key))).toBe(2);
  expect(removed.toSorted()).toEqual(['old/1', 'old/2']);
  expect(await uploads.find(ada, 'old/1')).toBeUndefined();
  expect(await uploads.find(ada, 'again')).toBeDefined();
  expect(await expiry.sweep(yesterday(), async (key) => void removed.push(key))).toBe(0);
});

it('keeps the row of a file that could not be removed', async () => {
  await addOld('stuck');
  const failing = new UploadExpiry(source).sweep(yesterday(), () => Promise.reject(new Error('disk')));
  await expect(failing).rejects.toThrow('disk');
  expect(await uploads.find(ada, 'stuck')).toBeDefined();
});

it('lets an upload of the same file wait until it is removed', async () => {
  await addOld('race');
  const order: string[] = [];
  let uploaded: Promise<void> | undefined;
  await new UploadExpiry(source).sweep(yesterday(), async () => {
    uploaded = add('race').then(() => void order.push('uploaded'));
    await waitFor(waits, { describe: 'the upload to wait' });
    order.push('removed');
  });
  await uploaded;
  expect(order).toEqual(['removed', 'uploaded']);
  expect(await uploads.find(ada, 'race')).toBeDefined();
});
