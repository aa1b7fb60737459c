import { waitFor } from '@roundhouse/testing';
import { startPlatform, type Platform } from './platform/platform.js';

let platform: Platform;
beforeAll(async () => {
  platform = await startPlatform({ envOf: { probe: { ROUNDHOUSE_PREFETCH: '4' } } });
});
afterAll(() => platform?.stop());

interface Started {
  kind: string;
  tenant_id: string;
}

/** Jobs of these kinds in the order in which they were started. */
async function startingOrder(...kinds: string[]): Promise<Started[]> {
  return platform.ledger.query<Started[]>(
    `select kind, tenant_id from ledger.jobs where kind = any($1::text[]) and started_at is not null order by started_at`,
    [kinds],
  );
}

async function bulk(client: Platform['acme'], kind: string, count: number, payload: object): Promise<void> {
  for (let left = count; left > 0; left -= 1_000) {
    const jobs = Array.from({ length: Math.min(left, 1_000) }, () => ({ kind, payload }));
    const answer = await client.send('/v1/jobs/bulk', { method: 'POST', body: { jobs } });
    expect(answer.status).toBe(202);
  }
}

/** Submits while the worker stands still, so that it finds all of it at once, however long that takes. */
async function atOnce(submit: () => Promise<void>): Promise<void> {
  platform.service('probe').signal('SIGSTOP');
  await submit().finally(() => platform.service('probe').signal('SIGCONT'));
}

it('shares a busy worker among queues by weight, and starves none', async () => {
  const payload = { work: '0.04s' };
  await atOnce(async () => {
    await bulk(platform.acme, 'platform.probe_low', 300, payload);
    await bulk(platform.acme, 'platform.probe_critical', 300, payload);
  });
  const both = ['platform.probe_low', 'platform.probe_critical'];
  await waitFor(async () => (await startingOrder(...both)).filter((job) => job.kind === both[1]).length === 300, {
    describe: 'all critical jobs to start',
  });
  const order = (await startingOrder(...both)).map((job) => job.kind);
  // While both had work: from the first critical job to the last.
  const contended = order.slice(order.indexOf(both[1] as string), order.lastIndexOf(both[1] as string) + 1);
  const low = contended.filter((kind) => kind === both[0]).length;
  // Weights 10 : 1 make 30 of 330; the rest is what was under way already.
  expect(low).toBeGreaterThanOrEqual(15);
  expect(low).toBeLessThanOrEqual(150);
});

it("delays a tenant's ten jobs behind another's thousands by no more than their fair share", async () => {
  const payload = { work: '0.02s' };
  await atOnce(() => bulk(platform.acme, 'platform.probe', 3_000, payload));
  await waitFor(async () => (await startingOrder('platform.probe')).length > 50, {
    describe: 'the crowd to be under way',
  });
  await bulk(platform.globex, 'platform.probe', 10, payload);
  await waitFor(
    async () => (await startingOrder('platform.probe')).filter((job) => job.tenant_id === 'globex').length === 10,
    {
      describe: 'the ten to start',
    },
  );
  const order = (await startingOrder('platform.probe')).map((job) => job.tenant_id);
  // First come, first served would have had them wait for all 3,000.
  expect(order.lastIndexOf('globex')).toBeLessThan(1_500);
});

it('sends the urgent jobs of a backlog first', async () => {
  const body = { options: { priority: 50 } };
  const urgent = await platform.globex.submit('platform.noop', { text: 'urgent' }, { body });
  expect(await platform.globex.finished(urgent)).toMatchObject({ state: 'succeeded' });
  const invalid = await platform.acme.send('/v1/jobs', {
    method: 'POST',
    body: { kind: 'platform.noop', options: { priority: 500 } },
  });
  expect(invalid).toMatchObject({ status: 400, body: { errors: [{ path: 'options.priority' }] } });
});
