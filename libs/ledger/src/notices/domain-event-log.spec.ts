import fc from 'fast-check';
import { randomUUID } from 'node:crypto';
import type { EntityManager } from 'typeorm';
import { TestLedger } from '../../e2e/test-ledger.js';
import { endOfDomainEvents, insertDomainEvents, isFeedCursor, readDomainEvents } from './domain-event-log.js';

let ledger: TestLedger;
beforeAll(async () => {
  ledger = await TestLedger.open();
});
afterAll(() => ledger?.close());
beforeEach(() => ledger.clear());

const event = (payload: string, tenantId = 'acme') => ({
  tenantId,
  jobId: randomUUID(),
  type: 'probe.done',
  payload: Buffer.from(payload),
});
const insert = (...payloads: string[]) =>
  ledger.dataSource.transaction((tx) =>
    insertDomainEvents(
      tx,
      payloads.map((payload) => event(payload)),
    ),
  );
const read = async (cursor: string, limit?: number, since?: string) =>
  readDomainEvents(ledger.dataSource, 'acme', cursor, { limit, since });

/** Everything a reader gets that comes back until nothing is new. Other databases' transactions may hold events back for a moment. */
async function readUntil(count: number, cursor = '0-0', since?: string, pageSize = 3): Promise<string[]> {
  const seen: string[] = [];
  for (const deadline = Date.now() + 60_000; seen.length < count && Date.now() < deadline;) {
    for (const row of await read(cursor, pageSize, since)) {
      cursor = row.cursor;
      seen.push(row.payload.toString());
    }
  }
  return seen;
}

it('gives the events of a tenant in order, page by page', async () => {
  await insert('a', 'b');
  await insert('c');
  await ledger.dataSource.transaction((tx) => insertDomainEvents(tx, [event('other', 'globex')]));
  expect(await readUntil(3)).toEqual(['a', 'b', 'c']);
  const [first] = await read('0-0', 1);
  expect(isFeedCursor(first?.cursor ?? '')).toBe(true);
  expect(await readUntil(2, first?.cursor)).toEqual(['b', 'c']);
});

it('starts at the end of the feed without missing what is being written', async () => {
  await insert('before');
  await readUntil(1);
  const open = ledger.dataSource.createQueryRunner();
  await open.connect();
  await open.startTransaction();
  await insertDomainEvents(open.manager, [event('under way')]);
  await insert('also before'); // committed, though nobody can read it while an older transaction is under way
  const { cursor: end, snapshot } = await endOfDomainEvents(ledger.dataSource);
  expect(isFeedCursor(end)).toBe(true);
  await insert('after');
  expect(await read(end, undefined, snapshot)).toEqual([]); // an older transaction may still commit before it
  await open.commitTransaction();
  await open.release();
  expect(await readUntil(2, end, snapshot)).toEqual(['under way', 'after']);
  expect(await readUntil(3, end)).toEqual(['under way', 'also before', 'after']);
});

it('accepts no cursor that it cannot have given out', () => {
  for (const cursor of ['', 'x', '1', '1-', '-1', '1-2-3', '99999999999999999999-1', '1-9999999999999999999', '1 -2'])
    expect(isFeedCursor(cursor)).toBe(false);
  for (const cursor of ['0-0', '742-9223372036854775807', '18446744073709551615-1'])
    expect(isFeedCursor(cursor)).toBe(true);
});

it('loses and repeats nothing for readers while transactions overlap in any way', async () => {
  const commands = fc.array(
    fc.record({
      slot: fc.integer({ min: 0, max: 3 }),
      action: fc.constantFrom('write', 'write', 'commit', 'rollback', 'read'),
    }),
    { minLength: 10, maxLength: 40 },
  );
  await fc.assert(
    fc.asyncProperty(commands, async (steps) => {
      await ledger.clear();
      const open = new Map<number, { tx: EntityManager; payloads: string[]; end(commit: boolean): Promise<void> }>();
      const committed: string[] = [];
      const seen: string[] = [];
      let cursor = '0-0';
      let written = 0;
      const begin = async (slot: number) => {
        const runner = ledger.dataSource.createQueryRunner();
        await runner.connect();
        await runner.startTransaction();
        const payloads: string[] = [];
        const end = async (commit: boolean) => {
          open.delete(slot);
          await (commit ? runner.commitTransaction() : runner.rollbackTransaction());
          await runner.release();
          if (commit) committed.push(...payloads);
        };
        open.set(slot, { tx: runner.manager, payloads, end });
      };
      for (const { slot, action } of steps) {
        if (action === 'read') {
          for (const row of await read(cursor, 2)) {
            cursor = row.cursor;
            seen.push(row.payload.toString());
          }
        } else if (action === 'write') {
          if (!open.has(slot)) await begin(slot);
          const transaction = open.get(slot);
          const payload = `e${(written += 1)}`;
          transaction?.payloads.push(payload);
          if (transaction) await insertDomainEvents(transaction.tx, [event(payload)]);
        } else await open.get(slot)?.end(action === 'commit');
      }
      for (const transaction of [...open.values()]) await transaction.end(true);
      seen.push(...(await readUntil(committed.length - seen.length, cursor)));
      expect([...seen].sort()).toEqual([...committed].sort());
    }),
    { numRuns: 25, verbose: true },
  );
});
