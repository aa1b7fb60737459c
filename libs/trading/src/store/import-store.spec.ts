import { TypeOrmInbox } from '@roundhouse/inbox';
import { migratedSource } from '@roundhouse/testing';
import { randomUUID } from 'node:crypto';
import { ImportStore, type ImportedPage } from './import-store.js';
import { createTradingDataSource } from './trading-data-source.js';

const source = migratedSource(createTradingDataSource);

const ada = { tenantId: 'acme', userId: 'ada' };
const other = { tenantId: 'other', userId: 'ada' };
const day = (n: number) => new Date(Date.UTC(2026, 0, n, 15));

it('adds up the pages of an import and keeps their row errors in order', async () => {
  const imports = new ImportStore(source);
  const inbox = new TypeOrmInbox(source, 'trading');
  const id = randomUUID();
  expect(await imports.begin(ada, id, { storageKey: 'k' })).toMatchObject({ id, pages: 0, cursor: null });
  const rowErrors = [2, 5].map((row) => ({
    row,
    column: 'price',
    value: `a\0${row}`,
    message: 'price is not a number',
  }));
  const page = { cursor: 'p1', fetched: 5, stored: 3, rowErrors, firstTradeAt: day(1), lastTradeAt: day(3) };
  const inTransaction = async (added: ImportedPage) =>
    inbox.once(id, `page:${added.cursor}`, (tx) => imports.addPage(tx, 'acme', id, added));
  await inTransaction(page);
  const empty = { cursor: 'p2', fetched: 0, stored: 0, rowErrors: [], firstTradeAt: undefined, lastTradeAt: undefined };
  const state = await inTransaction(empty);
  expect(state).toMatchObject({
    cursor: 'p2',
    pages: 2,
    fetched: 5,
    stored: 3,
    failed: 2,
    firstTradeAt: day(1),
    lastTradeAt: day(3),
  });
  expect((await imports.rowErrors('acme', id, 100)).map((error) => [error.row, error.value])).toEqual([
    [2, 'a2'],
    [5, 'a5'],
  ]);
  expect(await imports.rowErrors('other', id, 100)).toEqual([]);
  expect(await imports.find('other', id)).toBeUndefined();
  await imports.finish('acme', id);
  expect((await imports.begin(ada, id, {})).finishedAt).toBeInstanceOf(Date);
  await expect(imports.begin(other, id, {})).rejects.toThrow('another tenant');
});
