import { JobDelivery } from '@roundhouse/contracts';
import { actor, probe, RedriveBench } from '../../e2e/redrive-bench.js';
import { claimOf, rules } from '../../e2e/test-ledger.js';
import { Quarantine } from '../outcomes/index.js';

let bench: RedriveBench;
beforeAll(async () => {
  bench = await RedriveBench.open();
});
afterAll(() => bench?.close());
beforeEach(() => bench.clear());

describe('redriving one job', () => {
  it('starts its counts anew and goes on with its attempts', async () => {
    const [id] = (await bench.dead(1)) as [string];
    expect(await bench.redrives.one('acme', id, { actor })).toEqual({ done: true, state: 'queued' });
    expect(await bench.ledger.job(id)).toMatchObject({ state: 'queued', attempt: 1, failures: 0, finished_at: null });
    expect(await bench.ledger.outbox(id)).toHaveLength(1);
    expect(await bench.audited()).toMatchObject([{ action: 'job.redrive', subject: id, actor }]);
    await bench.run([id]);
    expect(await bench.ledger.job(id)).toMatchObject({ state: 'succeeded', attempt: 2 });
  });

  it('waits until its time', async () => {
    const [id] = (await bench.dead(1)) as [string];
    const runAt = new Date(Date.now() + 60_000);
    expect(await bench.redrives.one('acme', id, { actor, runAt })).toEqual({ done: true, state: 'scheduled' });
    expect(await bench.ledger.job(id)).toMatchObject({ state: 'scheduled', due_at: runAt });
    expect(await bench.ledger.outbox(id)).toEqual([]);
  });

  it('refuses what is not dead, and knows nothing of other tenants', async () => {
    const id = await bench.ledger.queued();
    expect(await bench.redrives.one('acme', id, { actor })).toEqual({
      done: false,
      reason: expect.stringContaining('is queued'),
    });
    expect(await bench.redrives.one('other', id, { actor })).toBeUndefined();
    expect(await bench.audited()).toEqual([]);
  });

  it('runs an edited payload only, whatever older delivery turns up', async () => {
    const [id] = (await bench.dead(1)) as [string];
    await bench.ledger.dataSource.query(
      `update ledger.jobs set checkpoint = '\\x01', checkpoint_attempt = 1 where id = $1`,
      [id],
    );
    await bench.redrives.one('acme', id, { actor, payload: probe('edited') });
    const [[decision] = []] = await bench.claims.answer([claimOf('w1', [id])]);
    expect(decision?.decision).toMatchObject({
      $case: 'granted',
      value: { attempt: 2, payload: Buffer.from(probe('edited')), checkpoint: Buffer.alloc(0) },
    });
    const [entry] = await bench.audited();
    expect(entry).toMatchObject({ action: 'job.edit_and_redrive', subject: id });
    const { payload_before_sha256: before, payload_after_sha256: after } = entry!.detail as Record<string, string>;
    expect([before, after]).toEqual([expect.stringMatching(/^[0-9a-f]{64}$/), expect.stringMatching(/^[0-9a-f]{64}$/)]);
    expect(before).not.toBe(after);

    const plain = await bench.ledger.queued();
    const [[other] = []] = await bench.claims.answer([claimOf('w1', [plain])]);
    expect(other?.decision).not.toHaveProperty('value.payload');
  });

  it('does not die of an older delivery in quarantine once its payload was replaced', async () => {
    const [id] = (await bench.dead(1)) as [string];
    await bench.redrives.one('acme', id, { actor, payload: probe('edited') });
    const quarantine = new Quarantine(bench.ledger.dataSource, rules, () => undefined);
    const bytes = (payload: Uint8Array) =>
      Buffer.from(JobDelivery.encode(JobDelivery.fromPartial({ jobId: id, payload: Buffer.from(payload) })).finish());
    const delivery = { jobId: id, tenantId: 'acme', kind: 'platform.probe', queue: 'probes', reason: 'unreadable' };
    await quarantine.record({ ...delivery, body: bytes(probe('x')) });
    expect(await bench.ledger.job(id)).toMatchObject({ state: 'queued' });
    await bench.ledger.dataSource.query(`delete from ledger.outbox where job_id = $1`, [id]); // it has left for the broker
    await quarantine.record({ ...delivery, body: bytes(probe('edited')) });
    expect(await bench.ledger.job(id)).toMatchObject({ state: 'dead' });
  });

  it('needs an edited payload where there is none that can be read', async () => {
    const quarantine = new Quarantine(bench.ledger.dataSource, rules, () => undefined);
    const delivery = { jobId: undefined, tenantId: 'acme', queue: 'probes', reason: 'no content type' };
    await quarantine.record({ ...delivery, kind: 'platform.probe', body: Buffer.from([0xff]) });
    await quarantine.record({ ...delivery, kind: 'who.knows', body: Buffer.from([0xff]) });
    const unreadable = await bench.ledger.queued({ payload: Buffer.from([0x0a]) });
    await quarantine.record({ ...delivery, jobId: unreadable, kind: 'platform.probe', body: Buffer.alloc(0) });
    const [raw, unknown] = (await bench.ledger.jobs()).filter((job) => job.id !== unreadable);
    const reason = async (id: string) => {
      const answer = await bench.redrives.one('acme', id, { actor });
      return answer?.done === false ? answer.reason : answer;
    };
    expect(await reason(raw!.id)).toContain('edited one');
    expect(await reason(unreadable)).toContain('edited one');
    expect(await reason(unknown!.id)).toContain('who.knows is not in the contract');
    expect(await bench.redrives.one('acme', raw!.id, { actor, payload: probe('now') })).toMatchObject({ done: true });
    expect(await bench.ledger.job(raw!.id)).toMatchObject({ state: 'queued', version: 1, timeout_ms: 60_000 });
    await bench.run([raw!.id]);
    expect(await bench.ledger.job(raw!.id)).toMatchObject({ state: 'succeeded' });
  });
});
