import { probeJob, TestLedger } from '../../e2e/test-ledger.js';
import { findById, findFailure } from './find-by-id.js';

let ledger: TestLedger;
beforeAll(async () => {
  ledger = await TestLedger.open();
});
afterAll(() => ledger?.close());

it('says to its tenant what has an id', async () => {
  const job = probeJob();
  await ledger.accept(job);
  expect(await findById(ledger.dataSource, 'acme', job.id)).toEqual([
    { type: 'job', id: job.id, name: 'platform.probe', state: 'queued' },
  ]);
  expect(await findById(ledger.dataSource, 'globex', job.id)).toEqual([]);
  expect(await findFailure(ledger.dataSource, 'acme', '0123456789abcdef')).toBeUndefined();
});
