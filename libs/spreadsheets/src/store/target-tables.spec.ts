import { migratedSource } from '@roundhouse/testing';
import { randomUUID } from 'node:crypto';
import { copyLine } from '../rows/copy-line.js';
import { columnSchema } from '../template/template.js';
import { inTransaction } from './database.js';
import { isKnownKey, RecordStore, type RowTarget } from './record-store.js';
import { createSpreadsheetsDataSource } from './spreadsheets-data-source.js';
import { TargetStore } from './target-store.js';
import { TargetTables, type TargetTable } from './target-tables.js';

const source = migratedSource(createSpreadsheetsDataSource);
const tables = new TargetTables(source);

const shaped = (target: string, ...columns: object[]) => ({
  target,
  columns: columns.map((column) => columnSchema.parse(column)),
});
const importId = randomUUID();
const rowTarget = (table: TargetTable, more: Partial<RowTarget> = {}): RowTarget => ({
  table,
  importId,
  columns: table.columns,
  withCells: false,
  onExisting: 'update',
  rewriteUnchanged: false,
  expectNew: false,
  ...more,
});
const lines = (...rows: (string | undefined)[][]) =>
  Buffer.from(rows.map((values, i) => copyLine([String(i + 2), importId, ...values])).join(''));

it('makes a table with typed columns, quoted names and nobody elses schema', async () => {
  const table = await tables.shape(
    'acme',
    shaped(
      'order',
      { name: 'select', type: 'string' },
      { name: 'count', type: 'integer' },
      { name: 'price', type: 'decimal' },
      { name: 'paid', type: 'boolean' },
      { name: 'day', type: 'date' },
      { name: 'seen_at', type: 'datetime' },
    ),
  );
  expect(table.name).toBe('sheets_acme.order');
  expect(Object.fromEntries(table.columns)).toEqual({
    select: 'text',
    count: 'int8',
    price: 'numeric',
    paid: 'bool',
    day: 'date',
    seen_at: 'timestamptz',
  });
  const others = ['Acme', 'ac-me', 'ac_me', 'acme"; drop schema spreadsheets cascade; --', 'x'.repeat(300), ''];
  const names = new Set<string>(['sheets_acme']);
  for (const tenant of others) {
    const { name } = await tables.shape(tenant, shaped('order', { name: 'a', type: 'string' }));
    const [schema = ''] = name.split('.');
    expect(schema).toMatch(/^sheets_[a-z0-9_]{1,56}$/);
    names.add(schema);
  }
  expect(names.size).toBe(others.length + 1);
});

it('adds columns of other templates, and refuses one of another type', async () => {
  await tables.shape('acme', shaped('stock', { name: 'sku', type: 'string' }, { name: 'price', type: 'decimal' }));
  const wider = shaped('stock', { name: 'price', type: 'integer' }, { name: 'kind', type: 'enum', values: ['a'] });
  expect([...(await tables.shape('acme', wider)).columns]).toEqual([
    ['sku', 'text'],
    ['price', 'numeric'],
    ['kind', 'text'],
  ]);
  const other = shaped('stock', { name: 'sku', type: 'string' }, { name: 'price', type: 'date' });
  for (const attempt of [tables.shape('acme', other), tables.check('acme', other)])
    await expect(attempt).rejects.toMatchObject({
      code: 'FAILED_PRECONDITION',
      field: 'columns.1.type',
      message:
        'Column "price" is date in the template and decimal in the target "stock"; give it that type, another name, or another target',
    });
  const many = Array.from({ length: 999 }, (_, i) => ({ name: `c${i}`, type: 'string' }));
  await expect(tables.shape('acme', shaped('stock', ...many))).rejects.toThrow('more than 1000 columns');
});

it('makes one table when several imports want it at once', async () => {
  const wanted = Array.from({ length: 8 }, (_, i) =>
    tables.shape('busy', shaped('t', { name: 'a', type: 'string' }, { name: `own_${i}`, type: 'date' })),
  );
  await Promise.all(wanted);
  expect((await tables.find('busy', 't'))?.columns.size).toBe(9);
});

it('inserts, updates, leaves alone; every text comes back as it was', async () => {
  const table = await tables.shape(
    'acme',
    shaped('texts', { name: 'text', type: 'string' }, { name: 'n', type: 'decimal' }, { name: 'at', type: 'datetime' }),
  );
  const records = new RecordStore();
  const odd = ['\\N', '\\.', 'tab\there', 'line\nfeed\r', '\\', '', 'ü€😀', "'; drop table x; --", '\u0001\b\f\v'];
  const rows = odd.map((text, i) => [`k${i}`, text, '12345678901234567890.125', '2026-01-31T08:00:00.250Z']);
  const target = rowTarget(table);
  await inTransaction(source, (tx) =>
    records.insert(tx, target, lines(...rows, ['none', undefined, undefined, undefined])),
  );
  const stored = await source.query<{ text: string | null }[]>(
    `select text, n::text from ${table.sql} order by _source_row`,
  );
  expect(stored.map(({ text }) => text)).toEqual([...odd, null]);
  const [first] = (await new TargetStore(source).records('acme', 'texts', 1)) ?? [];
  expect(first).toMatchObject({
    key: 'k0',
    data: { text: '\\N', at: '2026-01-31T08:00:00.250Z' },
    importId,
    sourceRow: 2,
  });

  const again = inTransaction(source, (tx) => records.insert(tx, target, lines(['k0', 'x', undefined, undefined])));
  expect(isKnownKey(await again.catch((error: unknown) => error))).toBe(true);
  const store = (more: Partial<RowTarget>, ...given: (string | undefined)[][]) =>
    inTransaction(source, async (tx) => {
      await records.receive(tx, rowTarget(table, more), lines(...given));
      const foreseen = await records.foresee(tx, rowTarget(table, more), given.length);
      const counts = await records.store(tx, rowTarget(table, more), given.length);
      expect(foreseen).toEqual(counts);
      return counts;
    });
  const same = ['k2', odd[2], '12345678901234567890.1250', '2026-01-31T08:00:00.25Z'];
  const batch = [['k1', 'changed', '1', undefined], same, ['new', 'n', '2', undefined]];
  expect(await store({ onExisting: 'skip' }, ...batch.slice(0, 2))).toEqual({ created: 0, updated: 0, unchanged: 2 });
  expect(await store({}, ...batch)).toEqual({ created: 1, updated: 1, unchanged: 1 });
  expect(await store({ rewriteUnchanged: true }, ...batch)).toEqual({ created: 0, updated: 3, unchanged: 0 });
  // A sheet that brings one column leaves the others alone.
  expect(await store({ columns: new Map([['text', 'text']]) }, ['k1', 'again'])).toMatchObject({ updated: 1 });
  const [k1] = await source.query(`select text, n::text from ${table.sql} where _key = 'k1'`);
  expect(k1).toEqual({ text: 'again', n: '1' });
});

it('keeps rows for the end with all their types', async () => {
  const table = await tables.shape(
    'acme',
    shaped('kept', { name: 'n', type: 'decimal' }, { name: 'at', type: 'datetime' }, { name: 'ok', type: 'boolean' }),
  );
  const records = new RecordStore();
  const target = rowTarget(table);
  await source.query(
    `insert into spreadsheets.imports (id, tenant_id, upload_id, template_id, template_version, target, file_name, dry_run, mode, expires_at)
     values ($1, 'acme', $1, $1, 1, 'kept', 'f', false, 'all_or_nothing', now() + interval '1 h')`,
    [importId],
  );
  await inTransaction(source, async (tx) => {
    await records.receive(
      tx,
      target,
      lines(['a', '1.50', '2026-01-31T08:00:00.250Z', 'true'], ['b', undefined, undefined, undefined]),
    );
    await records.stage(tx);
  });
  await expect(tables.drop('acme', 'kept')).rejects.toThrow(`Import ${importId} writes into "kept"`);
  const counts = await inTransaction(source, (tx) => records.storeStaged(tx, target));
  expect(counts).toEqual({ created: 2, updated: 0, unchanged: 0 });
  const kept = await new TargetStore(source).records('acme', 'kept', 10);
  expect(kept?.map(({ data }) => data)).toEqual([{ n: 1.5, at: '2026-01-31T08:00:00.250Z', ok: true }, {}]);
});

it('removes a target with its table, and no other tenants', async () => {
  const column = { name: 'a', type: 'string' };
  await tables.shape('one', shaped('gone', column));
  await tables.shape('two', shaped('gone', column));
  const store = new TargetStore(source);
  expect(await store.remove('one', 'gone')).toBe(true);
  expect(await store.remove('one', 'gone')).toBe(false);
  expect(await store.list('one')).toEqual([]);
  expect(await store.list('two')).toMatchObject([{ name: 'gone', table: 'sheets_two.gone', records: 0 }]);
});
