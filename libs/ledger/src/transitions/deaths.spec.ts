import { DeathNotice, ErrorCode, JobError_Retry, JobFailed, type JobEvent } from '@roundhouse/contracts';
import { claimOf, eventOf, messageOf, nothing, rules, TestLedger } from '../../e2e/test-ledger.js';
import { Claims } from '../claiming/index.js';
import { Outcomes } from '../outcomes/index.js';

let ledger: TestLedger;
beforeAll(async () => (ledger = await TestLedger.open()));
afterAll(() => ledger?.close());

const options = { ...nothing, graceMs: () => 1_000 };

it('tells the kind that wants to know of a death what happened, and where people look', async () => {
  const id = await ledger.queued({ kind: 'mesh.generate' });
  await new Claims(ledger.dataSource, rules, options).answer([claimOf('w1', [id])]);
  const error = { code: ErrorCode.INVALID_INPUT, message: 'no image', retry: JobError_Retry.NO };
  const event: JobEvent['event'] = { $case: 'failed', value: JobFailed.fromPartial({ error }) };
  await new Outcomes(ledger.dataSource, rules, options).apply([messageOf(eventOf(id, 1, event))]);
  const { fingerprint, state } = await ledger.job(id);
  expect(state).toBe('dead');
  const [row] = await ledger.dataSource.query(
    `select payload from ledger.jobs where parent_id = $1 and kind = 'mesh.record_failure'`,
    [id],
  );
  expect(DeathNotice.decode(row.payload)).toMatchObject({
    jobId: id,
    kind: 'mesh.generate',
    error: { code: ErrorCode.INVALID_INPUT, message: 'no image' },
    attempts: 1,
    fingerprint,
    console: `/failures/${fingerprint}`,
  });
});
