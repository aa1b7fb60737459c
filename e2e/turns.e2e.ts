import { waitFor } from '@roundhouse/testing';
import { startPlatform, type Platform } from './platform/platform.js';

/** Slots of a worker, and how many jobs of half a second it starts in one. */
const slots = 100;
const perSecond = 2 * slots;
const long = { work: '0.5s' };

async function bulk(platform: Platform, kind: string, count: number, payload: object): Promise<void> {
  for (let left = count; left > 0; left -= 1_000) {
    const jobs = Array.from({ length: Math.min(left, 1_000) }, () => ({ kind, payload }));
    expect((await platform.acme.send('/v1/jobs/bulk', { method: 'POST', body: { jobs } })).status).toBe(202);
  }
}

const started = async ({ ledger }: Platform, kind: string): Promise<number> => {
  const [row] = await ledger.query(
    `select count(*)::integer as n from ledger.jobs where kind = $1 and started_at is not null`,
    [kind],
  );
  return row.n;
};

/** Plain jobs of the crowd that were started between a job's acceptance and its own start. */
async function overtakenBy({ ledger }: Platform, jobId: string): Promise<number> {
  const [row] = await ledger.query(
    `select count(*)::integer as n from ledger.jobs o join ledger.jobs j on j.id = $1
     where o.kind = j.kind and o.tenant_id = 'acme' and o.priority = 0 and o.started_at between j.created_at and j.started_at`,
    [jobId],
  );
  return row.n;
}

/** A job of another tenant and an urgent one of the same, each behind the crowd's backlog: what was started before them. */
async function lateComers(platform: Platform, kind: string): Promise<number[]> {
  const other = await platform.globex.submit(kind, long);
  const urgent = await platform.acme.submit(kind, long, { body: { options: { priority: 100 } } });
  for (const [client, id] of [
    [platform.globex, other],
    [platform.acme, urgent],
  ] as const)
    expect(await client.finished(id)).toMatchObject({ state: 'succeeded' });
  return Promise.all([other, urgent].map((id) => overtakenBy(platform, id)));
}

describe.each([
  { workers: 1, gateways: 1 },
  { workers: 2, gateways: 2 },
])('with %o', ({ workers, gateways }) => {
  let platform: Platform;
  beforeAll(async () => {
    platform = await startPlatform({ workers, gateways, envOf: { probe: { ROUNDHOUSE_PREFETCH: `${slots}` } } });
  });
  afterAll(() => platform?.stop());

  // Counted in jobs, so that a slow machine makes no difference: what a second's work is, and the slots once more.
  const most = (perSecond + slots) * workers;

  it.each([
    ['a long backlog that comes to an idle queue', 'platform.probe', 0],
    ['a long backlog behind thousands of short jobs', 'platform.probe_low', 3_000],
  ])('starts other tenants and urgent jobs soon: %s', async (_what, kind, short) => {
    await bulk(platform, kind, short, {});
    await bulk(platform, kind, 3_000, long);
    await waitFor(async () => (await started(platform, kind)) > short + slots * workers, {
      describe: 'the long jobs to be under way',
    });
    for (const overtaken of await lateComers(platform, kind)) expect(overtaken).toBeLessThanOrEqual(most);
    // And nothing was taken for lost meanwhile.
    const again = await platform.ledger.query(`select from ledger.job_history where type = 'redispatched'`);
    expect(again).toHaveLength(0);
  });
});
