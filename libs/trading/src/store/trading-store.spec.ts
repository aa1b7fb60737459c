import { TypeOrmInbox } from '@roundhouse/inbox';
import { createTestDatabase, type TestDatabase } from '@roundhouse/testing';
import { randomBytes, randomUUID } from 'node:crypto';
import type { DataSource } from 'typeorm';
import type { BiasTag, WindowFinding } from '../biases/bias-tag.js';
import { matchLots } from '../lots/lot-matcher.js';
import { Decimal } from '../model/decimal.js';
import { BarStore } from './bar-store.js';
import { ConnectionStore } from './connection-store.js';
import { CredentialCipher } from './credential-cipher.js';
import { DigestStore } from './digest-store.js';
import { fillOfRow, FillStore, type FillRow } from './fill-store.js';
import { FindingStore } from './finding-store.js';
import { ImportStore, type ImportedPage } from './import-store.js';
import { ProfileStore } from './profile-store.js';
import { rowOfRoundTrip, roundTripOfRow, RoundTripStore } from './round-trip-store.js';
import { SimulationStore } from './simulation-store.js';
import { TagStore } from './tag-store.js';
import { createTradingDataSource, migrateTrading } from './trading-data-source.js';
import { UploadStore } from './upload-store.js';

let database: TestDatabase;
let source: DataSource;
let inbox: TypeOrmInbox;

beforeAll(async () => {
  database = await createTestDatabase();
  await migrateTrading(database.url);
  source = await createTradingDataSource(database.url).initialize();
  inbox = new TypeOrmInbox(source, 'trading');
});
afterAll(async () => {
  await source?.destroy();
  await database?.drop();
});

const ada = { tenantId: 'acme', userId: 'ada' };
const other = { tenantId: 'other', userId: 'ada' };
const day = (n: number) => new Date(Date.UTC(2026, 0, n, 15));

function fill(n: number, change: Partial<FillRow> = {}): FillRow {
  return {
    extId: `x${n}`,
    symbol: 'KEST',
    side: n % 2 === 0 ? 'sell' : 'buy',
    quantity: '10',
    price: '12.5',
    fee: '0.1',
    feeCurrency: 'USD',
    at: day(n),
    ...change,
  };
}

it('describes in its entities exactly the columns that the migrations make', async () => {
  const rows = await source.query<{ table: string; columns: string[] }[]>(
    `select table_name as table, array_agg(column_name::text order by column_name) as columns
       from information_schema.columns
      where table_schema = 'trading' and table_name <> 'inbox' group by table_name order by table_name`,
  );
  const described = source.entityMetadatas
    .map(({ tableName, columns }) => ({ table: tableName, columns: columns.map((c) => c.databaseName).sort() }))
    .sort((a, b) => (a.table < b.table ? -1 : 1));
  expect(described).toEqual(rows);
  for (const { target } of source.entityMetadatas) await source.getRepository(target).find({ take: 1 });
});

it('grants the run-time roles their rights when they exist', async () => {
  const [row] = await source.query<{ granted: boolean }[]>(
    `select coalesce(bool_and(has_table_privilege(rolname, 'trading.fills', 'select, insert, update, delete')), true) as granted
       from pg_roles where rolname in ('roundhouse_worker', 'roundhouse_gateway')`,
  );
  expect(row!.granted).toBe(true);
});

describe('fills', () => {
  const fills = () => new FillStore(source);
  const upsert = (owner: typeof ada, rows: FillRow[]) =>
    source.transaction((tx) => fills().upsertPage(tx, owner, 'alpaca', randomUUID(), rows));

  it('stores a page once, counts what it knew, and takes over corrections', async () => {
    const page = [fill(1), fill(2), fill(3)];
    expect(await upsert(ada, [...page, fill(3)])).toEqual({ stored: 3, corrected: 0, known: 0 });
    expect(await upsert(ada, [...page, fill(4)])).toEqual({ stored: 1, corrected: 0, known: 3 });
    expect(await upsert(ada, [fill(1, { price: '12.50' }), fill(2, { price: '13' })])).toEqual({
      stored: 0,
      corrected: 1,
      known: 1,
    });
    expect(await upsert(ada, [])).toEqual({ stored: 0, corrected: 0, known: 0 });
  });

  it('keeps every digit of a decimal', async () => {
    const owner = { tenantId: 'acme', userId: 'digits' };
    const quantity = '12345678901234567890.123456789012345678';
    await upsert(owner, [fill(1, { quantity, price: '0.000000000000000001' })]);
    const [stored] = await fills().inWindow(owner);
    expect([stored!.quantity, stored!.price]).toEqual([quantity, '0.000000000000000001']);
  });

  it('gives fills in time order, those of one instant in the order of the page', async () => {
    const owner = { tenantId: 'acme', userId: 'order' };
    await upsert(owner, [fill(5), fill(9, { at: day(2) }), fill(8, { at: day(2) }), fill(7, { at: day(2) })]);
    expect((await fills().inWindow(owner)).map((f) => f.extId)).toEqual(['x9', 'x8', 'x7', 'x5']);
    expect((await fills().inWindow(owner, { since: day(3) })).map((f) => f.extId)).toEqual(['x5']);
    expect((await fills().inWindow(owner, { until: day(5) })).map((f) => f.extId)).toEqual(['x9', 'x8', 'x7']);
  });

  it('lets imports of the same fills in opposite orders run at once', async () => {
    const owner = { tenantId: 'acme', userId: 'both ways' };
    const page = Array.from({ length: 300 }, (_, n) => fill(n + 1, { at: day(1) }));
    const counts = await Promise.all([upsert(owner, page), upsert(owner, page.toReversed()), upsert(owner, page)]);
    expect(counts.map((c) => c.stored).sort((a, b) => a - b)).toEqual([0, 0, 300]);
  });

  it('pages newest first and never shows another tenant anything', async () => {
    const owner = { tenantId: 'acme', userId: 'pages' };
    await upsert(
      owner,
      Array.from({ length: 7 }, (_, n) => fill(n + 1, { at: day(1 + Math.floor(n / 3)) })),
    );
    const seen: string[] = [];
    let cursor: string | undefined;
    do {
      const page = await fills().page(owner, {}, { limit: 3, cursor });
      seen.push(...page.rows.map((row) => row.extId));
      cursor = page.nextCursor;
    } while (cursor);
    expect(new Set(seen).size).toBe(7);
    expect(seen[0]).toBe('x7');
    expect(
      (await fills().page(owner, { symbol: 'KEST', since: day(2), until: day(3) }, { limit: 10 })).rows,
    ).toHaveLength(3);
    expect((await fills().page({ ...owner, tenantId: 'other' }, {}, { limit: 10 })).rows).toEqual([]);
    await expect(fills().page(owner, {}, { limit: 3, cursor: 'bm9uc2Vuc2U' })).rejects.toMatchObject({
      field: 'cursor',
    });
  });
});

it('adds up the pages of an import and keeps their row errors in order', async () => {
  const imports = new ImportStore(source);
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

it('keeps credentials sealed, out of every listing, and readable after a rotation', async () => {
  const key = randomBytes(32);
  const connections = new ConnectionStore(source, new CredentialCipher(key));
  const input = { broker: 'alpaca', name: 'main', settings: { paper: true }, credentials: { secret: 'swordfish' } };
  const created = (await connections.create(ada, input))!;
  expect(await connections.create(ada, input)).toBeUndefined();
  expect(JSON.stringify(await connections.page(ada, { limit: 10 }))).not.toContain('credentials');
  const [{ credentials }] = await source.query('select credentials from trading.connections');
  expect(credentials).not.toContain('swordfish');
  expect(await connections.credentials('acme', created.id)).toEqual({ secret: 'swordfish' });
  expect(await connections.credentials('other', created.id)).toBeUndefined();
  expect(await connections.update('other', created.id, { name: 'stolen' })).toBeUndefined();
  expect(await connections.update('acme', created.id, { credentials: { secret: 'new' } })).toMatchObject({
    name: 'main',
    settings: { paper: true },
  });

  const nextKey = randomBytes(32);
  const rotating = new ConnectionStore(source, new CredentialCipher(nextKey, [key]));
  expect([await rotating.sealAgain(), await rotating.sealAgain()]).toEqual([1, 0]);
  const rotated = new ConnectionStore(source, new CredentialCipher(nextKey));
  expect(await rotated.credentials('acme', created.id)).toEqual({ secret: 'new' });
  expect([await rotated.remove('other', created.id), await rotated.remove('acme', created.id)]).toEqual([false, true]);
});

it('finds an upload for its owner only', async () => {
  const uploads = new UploadStore(source);
  await uploads.add(ada, { storageKey: 'uploads/1.csv', name: 'trades.csv', bytes: 5_000_000_000, sha256: 'ab' });
  expect(await uploads.find(ada, 'uploads/1.csv')).toMatchObject({ name: 'trades.csv', bytes: 5_000_000_000 });
  expect(await uploads.find(other, 'uploads/1.csv')).toBeUndefined();
});

it('caches bars and the span they are known for', async () => {
  const bars = new BarStore(source);
  const bar = (date: string, close = 10.25) => ({ date, open: 10, high: 11, low: 9, close, volume: 1e6 });
  const splits = [{ symbol: 'KEST', date: '2026-01-05', ratio: new Decimal('1.5') }];
  const known = { since: '2026-01-01', until: '2026-01-06', adjusted: true, splits, fetchedAt: day(20) };
  const fetched = { ...known, symbol: 'KEST', bars: [bar('2026-01-02'), bar('2026-01-05')] };
  const missing = { ...known, symbol: 'NONE', splits: [], bars: [] };
  await source.transaction((tx) => bars.replace(tx, 'csv', [missing, fetched]));
  const again = { ...fetched, until: '2026-01-09', bars: [bar('2026-01-05', 10.5), bar('2026-01-09', 1e-7)] };
  await Promise.all([1, 2].map(() => source.transaction((tx) => bars.replace(tx, 'csv', [again, missing]))));
  const ranges = await bars.ranges('csv', ['KEST', 'NONE', 'NEVER']);
  expect(ranges.get('KEST')).toEqual({ ...known, symbol: 'KEST', until: '2026-01-09', found: true });
  expect(ranges.get('NONE')).toMatchObject({ found: false });
  expect(ranges.has('NEVER')).toBe(false);
  const loaded = await bars.load('csv', ['KEST', 'NONE'], { since: '2026-01-01', until: '2026-01-31' });
  expect([...loaded]).toEqual([['KEST', again.bars]]);
  expect(await bars.load('other source', ['KEST'], known)).toEqual(new Map());
});

it("replaces a window's round trips, tags and findings and leaves the rest alone", async () => {
  const owner = { tenantId: 'acme', userId: 'trips' };
  const fillStore = new FillStore(source);
  const rows = [1, 2, 3, 4].map((n) => fill(n, { price: String(10 + n) }));
  await source.transaction((tx) => fillStore.upsertPage(tx, owner, 'csv', randomUUID(), rows));
  const matched = matchLots((await fillStore.inWindow(owner)).map(fillOfRow)).roundTrips;
  const roundTrips = matched.map(rowOfRoundTrip);
  const trips = new RoundTripStore(source);
  for (let run = 0; run < 2; run++) await source.transaction((tx) => trips.replaceAll(tx, owner, roundTrips));
  expect(await trips.inWindow(owner, {})).toEqual(roundTrips);
  expect((await trips.inWindow(owner, {})).map(roundTripOfRow)).toEqual(matched);
  const corrected = { ...roundTrips[0]!, pnl: '-0.000000000000000001' };
  await source.transaction((tx) => trips.replaceAll(tx, owner, [corrected]));
  expect(await trips.inWindow(owner, {})).toEqual([corrected]);
  await source.transaction((tx) => trips.replaceAll(tx, owner, roundTrips.slice(0, 1)));
  const window = { since: day(4), until: day(5) };
  expect(await trips.inWindow(owner, window)).toEqual([]);
  expect(await trips.find(owner, roundTrips[0]!.id)).toEqual(roundTrips[0]);
  expect(await trips.find({ ...owner, tenantId: 'other' }, roundTrips[0]!.id)).toBeUndefined();
  expect(await trips.find(owner, 'no uuid')).toBeUndefined();
  expect((await trips.page(owner, { symbol: 'KEST' }, { limit: 1 })).rows).toEqual([roundTrips[0]]);

  const tags = new TagStore(source);
  const tag = (label: BiasTag['label'], scope: BiasTag['scope'], at: Date): BiasTag => ({
    id: randomUUID(),
    userId: owner.userId,
    label,
    scope,
    symbol: scope === 'trade' ? 'KEST' : null,
    fillId: scope === 'trade' ? roundTrips[0]!.entryFillId : null,
    roundTripId: null,
    at,
    confidence: 0.97,
    features: { dist: 2.5, note: "it's {odd}", flag: true, none: null },
    method: 'empirical percentile',
    n: 40,
    baseline: null,
    insight: 'This is consistent with following a move.',
  });
  const first = [
    tag('chasing', 'trade', day(1)),
    tag('revenge', 'trade', day(4)),
    tag('disposition', 'window', day(4)),
  ];
  await source.transaction((tx) => tags.replaceWindow(tx, owner, {}, first));
  expect(await tags.inWindow(owner, { since: day(1), until: day(2) })).toEqual([first[0]]);
  const second = [tag('chasing', 'trade', day(4)), tag('disposition', 'window', day(4))];
  await source.transaction((tx) => tags.replaceWindow(tx, owner, window, second));
  await source.transaction((tx) => tags.replaceWindow(tx, owner, window, second));
  const all = (await tags.inWindow(owner, {})).map((t) => t.id).sort();
  expect(all).toEqual([first[0]!.id, ...second.map((t) => t.id)].sort());
  expect((await tags.page(owner, { label: 'chasing', scope: 'trade' }, { limit: 1 })).nextCursor).toBeDefined();
  expect(await tags.inWindow({ ...owner, tenantId: 'other' }, {})).toEqual([]);

  const findings = new FindingStore(source);
  const finding: WindowFinding = {
    label: 'disposition',
    status: 'insufficient_data',
    confidence: null,
    pValue: null,
    adjustedPValue: null,
    features: { sales: 3 },
    method: 'Odean 1998',
    n: 3,
    baseline: null,
    insight: 'Too few sales.',
  };
  for (let run = 0; run < 2; run++) {
    await source.transaction((tx) => findings.replaceWindow(tx, owner, { since: window.since }, [finding]));
  }
  expect(await findings.ofWindow(owner, { since: window.since })).toEqual([finding]);
  expect(await findings.ofWindow(owner, {})).toEqual([]);
  const newer = { ...finding, status: 'not_tagged' as const, n: 30 };
  await source.transaction((tx) => findings.replaceWindow(tx, owner, { until: day(6) }, [newer]));
  expect(await findings.latest(owner, { since: day(4), until: day(5) })).toEqual([newer]);
  expect(await findings.latest(owner, { since: day(6), until: day(7) })).toEqual([finding]);
  expect(await findings.latest({ ...owner, tenantId: 'other' }, window)).toEqual([]);
});

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

it('keeps one digest per user and week', async () => {
  const digests = new DigestStore(source);
  const week = (periodStart: string, html = '<p>') => ({
    periodStart,
    periodEnd: '2026-03-16',
    timeZone: 'Europe/Vienna',
    trades: 3,
    snapshot: { trades: 3 },
    html,
  });
  const save = (digest: ReturnType<typeof week>) => source.transaction((tx) => digests.save(tx, ada, digest));
  const first = await save(week('2026-03-09'));
  await save(week('2026-03-02'));
  const again = await save(week('2026-03-09', '<h1>'));
  expect(again.id).toBe(first.id);
  expect(await digests.html('acme', first.id)).toBe('<h1>');
  expect(await digests.find('acme', first.id)).toMatchObject({ periodStart: '2026-03-09', snapshot: { trades: 3 } });
  expect([await digests.find('other', first.id), await digests.html('other', first.id)]).toEqual([
    undefined,
    undefined,
  ]);
  expect((await digests.findByPeriod(ada, '2026-03-09'))!.id).toBe(first.id);
  const page = await digests.page(ada, { limit: 1 });
  expect(page.rows[0]!.periodStart).toBe('2026-03-09');
  const rest = await digests.page(ada, { limit: 1, cursor: page.nextCursor });
  expect([rest.rows[0]!.periodStart, rest.nextCursor]).toEqual(['2026-03-02', undefined]);
});
