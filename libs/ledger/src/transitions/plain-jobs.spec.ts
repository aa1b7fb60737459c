import { jobKinds, type FollowUp } from '@roundhouse/contracts';
import { randomUUID } from 'node:crypto';
import { success } from '../../e2e/outcome-events.js';
import {
  claimOf,
  eventOf,
  grantedAttempt,
  messageOf,
  nothing,
  probeJob,
  rules,
  TestLedger,
} from '../../e2e/test-ledger.js';
import { Claims } from '../claiming/index.js';
import { inTransaction } from '../storage/index.js';
import { LockedJobs } from '../records/index.js';
import { Outcomes } from '../outcomes/index.js';
import { endPlain, grantPlain, PlainKinds } from './plain-jobs.js';
import { writeJobs } from './write-jobs.js';

const kinds = new PlainKinds(rules);
const count = 400;
let ledger: TestLedger;
beforeAll(async () => {
  ledger = await TestLedger.open();
});
afterAll(() => ledger?.close());
beforeEach(async () => {
  await ledger.clear();
  await ledger.dataSource.query(`delete from ledger.pauses`);
  await ledger.dataSource.query(`delete from ledger.webhooks`);
});

/** Jobs in every condition a row may be in, likely and unlikely; every second one is the twin of the one before it. */
async function twins(state: 'queued' | 'running'): Promise<[string, string][]> {
  const jobs = Array.from({ length: count }, () => [probeJob(), probeJob()] as const);
  await ledger.accept(...jobs.flat());
  for (const [one, other] of jobs) {
    await ledger.dataSource.query(
      `with fate as materialized (select array(select random() < 0.12 from generate_series(1, 23)) as f, random() as r)
       update ledger.jobs j set
         state = (case when f[1] then (array['scheduled', 'queued', 'running', 'retrying', 'blocked', 'succeeded', 'dead', 'cancelled'])[1 + floor(r * 8)::int]
                  else $3 end)::ledger.job_state,
         kind = case when f[2] then 'platform.probe_limited' when f[3] then 'platform.probe_rated' when f[4] then 'unknown.kind' else kind end,
         attempt = case when f[5] then 3 when $3 = 'running' then 1 else 0 end,
         failures = case when f[6] then 2 else 0 end,
         crashes = case when f[7] then 1 else 0 end,
         run_at = now() - make_interval(secs => floor(r * 100)),
         due_at = case when f[8] or $3 = 'running' then now() + interval '20 s' end,
         lease_until = case when $3 = 'running' then now() + interval '20 s' end,
         takeover_at = case when f[9] then now() + interval '1 s' end,
         cancel_requested_at = case when f[10] then now() end,
         worker_id = case when $3 = 'running' then (array['w1', 'w2'])[1 + floor(r * 2)::int] end,
         checkpoint = case when f[11] then '\\x01'::bytea end,
         deadline_at = case when f[12] then now() + make_interval(secs => (r - 0.5) * 100) end,
         skew_since = case when f[13] then now() - interval '1 day' end,
         progress = case when f[14] then 30 end,
         error = case when f[15] then '{"code": "INTERNAL", "message": "m", "retryable": true}'::jsonb end,
         idle_resumes = case when f[16] then 1 else 0 end,
         slot_keys = case when f[17] then array['probe|acme|"a"'] end,
         rate_reserved = f[18],
         payload_replaced = f[19],
         has_dependents = f[20],
         retry_override = case when f[21] then '{"maxAttempts": 3}'::jsonb end,
         yields = case when f[22] then 3 else 0 end,
         blocked_on = null, started_at = case when $3 = 'running' then now() - interval '1 day' end
       from fate where j.id = any($1::uuid[]) and $2::int > 0`,
      [[one.id, other.id], 1, state],
    );
  }
  return jobs.map(([one, other]) => [one.id, other.id]);
}

const times = ['lease_until', 'due_at', 'takeover_at', 'started_at', 'finished_at', 'skew_since', 'progressed_at'];

/** A row without what differs between twins; times as they lie relative to the statement's own. */
async function rowOf(id: string): Promise<Record<string, unknown>> {
  const [row] = await ledger.dataSource.query(
    `select j.*, h.type as h_type, h.attempt as h_attempt, h.detail as h_detail, h.at as h_at from ledger.jobs j
     left join lateral (select * from ledger.job_history h where h.job_id = j.id order by h.id desc limit 1) h on true where j.id = $1`,
    [id],
  );
  const { id: _id, h_at: at, created_at: _c, received_at: _r, ...rest } = row;
  for (const name of times) {
    const far = rest[name] && at ? Math.abs(rest[name].getTime() - at.getTime()) : 0;
    if (rest[name] && at) rest[name] = far < 15_000 && name !== 'takeover_at' ? 'now' : 'kept or set';
    // Twins get their leases a moment apart; what matters is its length.
    if (name === 'lease_until' || name === 'due_at')
      rest[name] = rest[name] && at ? `${Math.round(far / 1000)} s` : rest[name];
  }
  return rest;
}

it('are granted as the state machine grants them, or left to it', async () => {
  const pairs = await twins('queued');
  const plain = await grantPlain(
    ledger.dataSource,
    pairs.map(([id]) => ({ jobId: id, workerId: 'w1', dispatchedAt: new Date(1_000) })),
    kinds,
  );
  const granted = new Map(plain.map((grant) => [grant.id, grant]));
  // Neither all nor none, or nothing was compared.
  expect(granted.size).toBeGreaterThan(count / 20);
  expect(granted.size).toBeLessThan(count);
  for (const [id, twin] of pairs) {
    const grant = granted.get(id);
    if (!grant) {
      expect(await ledger.historyTypes(id)).toEqual([]);
      continue;
    }
    await inTransaction(ledger.dataSource, async (tx) => {
      const locked = await LockedJobs.byId(tx, [twin], rules);
      const job = locked.get(twin)!;
      const { verdict } = locked.apply(job, { type: 'claim', workerId: 'w1', redelivered: false, graceMs: 1_000 });
      Object.assign(job, { rateReserved: false, yields: 0 });
      expect(verdict).toBe('granted');
      expect([grant.attempt, grant.failures, grant.checkpoint]).toEqual([
        job.status.attempt,
        job.status.failures,
        job.checkpoint,
      ]);
      locked.note(job, 'running', { worker: 'w1', dispatched_at: new Date(1_000).toISOString() });
      await writeJobs(tx, locked, rules);
    });
    expect(await rowOf(id)).toEqual(await rowOf(twin));
  }
});

it('end as the state machine ends them, or are left to it', async () => {
  const pairs = await twins('running');
  const plain = await endPlain(
    ledger.dataSource,
    pairs.map(([id]) => ({
      jobId: id,
      attempt: 1,
      kind: 'platform.probe',
      workerId: 'w1',
      result: Buffer.from('r'),
      endedAt: new Date(2_000),
      ranMs: 1.5,
    })),
  );
  const ended = new Set(plain.map(({ id }) => id));
  expect(ended.size).toBeGreaterThan(count / 10);
  expect(ended.size).toBeLessThan(count);
  for (const [id, twin] of pairs) {
    if (!ended.has(id)) {
      expect(await ledger.historyTypes(id)).toEqual([]);
      continue;
    }
    await inTransaction(ledger.dataSource, async (tx) => {
      const locked = await LockedJobs.byId(tx, [twin], rules);
      const job = locked.get(twin)!;
      const patch = { result: Buffer.from('r'), error: null, progress: 100 };
      expect(locked.apply(job, { type: 'succeeded', attempt: 1 }, patch).changed).toBe(true);
      locked.note(job, 'succeeded', { ended_at: new Date(2_000).toISOString(), ran_ms: 1.5 });
      await writeJobs(tx, locked, rules);
    });
    expect(await rowOf(id)).toEqual(await rowOf(twin));
  }
});

it('are left to the state machine when they have been under way for long and it may be the turn of others', async () => {
  const [id] = await ledger.accept(probeJob());
  const claim = { jobId: id as string, workerId: 'w1', dispatchedAt: new Date(1_000) };
  const [other] = await ledger.accept(probeJob({ tenantId: 'globex' }));
  expect(await grantPlain(ledger.dataSource, [claim], kinds)).toEqual([]);
  await ledger.dataSource.query(`update ledger.outbox set tenant_id = 'acme', priority = 1 where job_id = $1`, [other]);
  expect(await grantPlain(ledger.dataSource, [claim], kinds)).toEqual([]);
  await ledger.dataSource.query(`update ledger.outbox set priority = 0 where job_id = $1`, [other]);
  expect(await grantPlain(ledger.dataSource, [claim], kinds)).toMatchObject([{ id }]);
});

it('wait for nobody while something is paused, and tell webhooks that want to know', async () => {
  const [id] = await ledger.accept(probeJob());
  const claim = { jobId: id as string, workerId: 'w1', dispatchedAt: undefined };
  await ledger.dataSource.query(
    `insert into ledger.pauses (tenant_id, scope, value, reason, paused_by) values ('acme', 'queue', 'other', '', '')`,
  );
  expect(await grantPlain(ledger.dataSource, [claim], kinds)).toEqual([]);
  await ledger.dataSource.query(`delete from ledger.pauses`);
  expect(await grantPlain(ledger.dataSource, [claim], kinds)).toMatchObject([{ id, attempt: 1, tenant_id: 'acme' }]);
  await ledger.dataSource.query(
    `insert into ledger.webhooks (id, tenant_id, name, url, events, sealed_secret) values ($1, 'acme', 'n', 'u', '{job.dead}', 's')`,
    [randomUUID()],
  );
  const success = {
    jobId: id as string,
    attempt: 1,
    kind: 'platform.probe',
    workerId: 'w1',
    result: Buffer.alloc(0),
    endedAt: new Date(),
    ranMs: 1,
  };
  expect(await endPlain(ledger.dataSource, [success])).toEqual([]);
});

it('are answered together with all others, each claim in its place', async () => {
  const claims = new Claims(ledger.dataSource, rules, { ...nothing, graceMs: () => 60_000 });
  const ids = await ledger.accept(...Array.from({ length: 6 }, () => probeJob()));
  await ledger.dataSource.query(`update ledger.jobs set deadline_at = now() + interval '1 h' where id = any($1)`, [
    [ids[1], ids[4]],
  ]);
  await ledger.dataSource.query(`update ledger.jobs set state = 'cancelled' where id = $1`, [ids[2]]);
  const all = [...ids, 'no id', ids[0] as string];
  const [first = [], second = []] = await claims.answer([claimOf('w1', all), claimOf('w2', [ids[3] as string])]);
  expect(first.map(({ jobId }) => jobId)).toEqual(all);
  expect(first.map(grantedAttempt)).toEqual([1, 1, undefined, 1, 1, 1, undefined, 2]);
  expect(second.map(grantedAttempt)).toEqual([undefined]);
  expect((await Promise.all(ids.map((id) => ledger.job(id)))).map(({ worker_id }) => worker_id)).toEqual([
    'w1',
    'w1',
    null,
    'w1',
    'w1',
    'w1',
  ]);
  const changed: string[] = [];
  const outcomes = new Outcomes(ledger.dataSource, rules, {
    ...nothing,
    onChanged: (jobs) => changed.push(...[...jobs].map(({ id }) => id)),
  });
  const succeeded = (id: string, attempt: number, followUps: FollowUp[] = []) => ({
    ...eventOf(id, attempt, success({ result: Buffer.alloc(0), followUps })),
    kind: 'platform.probe',
    at: new Date(),
    ranFor: { seconds: 1, nanos: 0 },
  });
  const followUp = { kind: 'platform.probe', payload: Buffer.from(probeJob().payload), runAt: undefined };
  await outcomes.apply([
    messageOf(
      succeeded(ids[0] as string, 2),
      succeeded(ids[3] as string, 1, [followUp]),
      succeeded(ids[4] as string, 7),
    ),
    messageOf(succeeded(ids[1] as string, 1), succeeded(ids[5] as string, 1), succeeded(ids[5] as string, 1)),
  ]);
  const states = (await Promise.all(ids.map((id) => ledger.job(id)))).map(({ state }) => state);
  expect(states).toEqual(['succeeded', 'succeeded', 'cancelled', 'succeeded', 'running', 'succeeded']);
  expect(changed.sort()).toEqual([ids[0], ids[1], ids[3], ids[5]].sort());
  for (const id of [ids[0], ids[5]] as string[]) expect(await ledger.historyTypes(id)).toContain('succeeded');
  const [{ children }] = await ledger.dataSource.query(
    `select count(*)::int as children from ledger.jobs where parent_id = $1`,
    [ids[3]],
  );
  expect(children).toBe(1);
});

it('are of kinds that nothing limits', () => {
  expect(kinds.names).toContain('platform.noop');
  expect(kinds.names).not.toContain('platform.probe_limited');
  expect(kinds.names).not.toContain('platform.probe_rated');
  expect(Object.keys(jobKinds)).toEqual(expect.arrayContaining(kinds.names));
});

it('are found by their ids, whatever the statistics say of their states', async () => {
  // A connection counts for itself until it is told to pass its counts on, so there is only one.
  const db = await ledger.another(1);
  const readByState = async () => {
    await db.query(`select pg_stat_force_next_flush()`);
    const [row] = await db.query(
      `select sum(idx_tup_read)::integer as n from pg_stat_user_indexes where indexrelname in ('jobs_queued', 'jobs_due')`,
    );
    return row.n as number;
  };
  const done = Array.from({ length: 3_000 }, () => probeJob());
  await ledger.accept(...done);
  await ledger.dataSource.query(`update ledger.jobs set state = 'succeeded', due_at = null`);
  await ledger.dataSource.query(`analyze ledger.jobs`);
  const jobs = Array.from({ length: 3_000 }, () => probeJob());
  await ledger.accept(...jobs);
  const before = await readByState();
  const claims = jobs.slice(0, 250).map(({ id }) => ({ jobId: id, workerId: 'w1', dispatchedAt: undefined }));
  expect(await grantPlain(db, claims, kinds)).toHaveLength(250);
  expect(await readByState()).toBe(before);
});
