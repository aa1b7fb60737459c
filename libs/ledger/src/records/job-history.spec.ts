import { claimOf, nothing, rules, TestLedger } from '../../e2e/test-ledger.js';
import { Claims } from '../claiming/index.js';
import { insertHistory, readHistory } from './job-history.js';
import { LockedJobs } from './locked-jobs.js';

let ledger: TestLedger;
beforeAll(async () => {
  ledger = await TestLedger.open();
});
afterAll(() => ledger?.close());
beforeEach(() => ledger.clear());

it('keeps what happened to a job in order, with the time of the database', async () => {
  const id = await ledger.queued();
  const at = Date.parse('2026-11-22T10:00:00.123Z');
  await ledger.dataSource.transaction((tx) =>
    insertHistory(tx, [
      { jobId: id, type: 'running', attempt: 1, at, detail: { worker: 'w1' } },
      { jobId: id, type: 'progress', attempt: 1, at: at + 1, detail: { percent: 50, message: 'half' } },
      { jobId: id, type: 'succeeded', attempt: 1, at: at + 2 },
    ]),
  );
  const entries = await readHistory(ledger.dataSource, [id], '0');
  expect(entries).toMatchObject([
    { job_id: id, type: 'running', attempt: 1, at: new Date(at), detail: { worker: 'w1' } },
    { type: 'progress', detail: { percent: 50, message: 'half' } },
    { type: 'succeeded', detail: null },
  ]);
  expect(await readHistory(ledger.dataSource, [id], entries[0]?.id ?? '', 1)).toEqual([entries[1]]);
  expect(await readHistory(ledger.dataSource, [id], entries[2]?.id ?? '')).toEqual([]);
});

it('shows nothing behind the cursor of a reader while many write to the same job', async () => {
  const id = await ledger.queued();
  await new Claims(ledger.dataSource, rules, { ...nothing, graceMs: () => 0 }).answer([claimOf('w1', [id])]);
  const source = await ledger.another(8);
  let writing = true;
  const seen: string[] = [];
  const reader = (async () => {
    let cursor = '0';
    for (let last = false; !last;) {
      last = !writing;
      for (const entry of await readHistory(ledger.dataSource, [id], cursor, 7)) {
        cursor = entry.id;
        seen.push(entry.id);
        last = false;
      }
    }
  })();
  await Promise.all(
    Array.from({ length: 60 }, (_, i) =>
      source.transaction(async (tx) => {
        const locked = await LockedJobs.byId(tx, [id], rules);
        const job = locked.get(id);
        if (!job) throw new Error('no job');
        locked.note(job, 'progress', { percent: i });
        await locked.write();
      }),
    ),
  );
  writing = false;
  await reader;
  const all = await readHistory(ledger.dataSource, [id], '0');
  expect(seen).toEqual(all.map((entry) => entry.id));
  expect(all).toHaveLength(61);
});
