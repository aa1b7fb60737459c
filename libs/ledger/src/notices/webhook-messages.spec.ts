import { DeliverWebhookRequest, ProbeDone, WebhookGone, type DomainEvent } from '@roundhouse/contracts';
import { death, success } from '../../e2e/outcome-events.js';
import { claimOf, eventOf, messageOf, nothing, probeJob, rules, TestLedger } from '../../e2e/test-ledger.js';
import { Claims } from '../claiming/index.js';
import { Outcomes } from '../outcomes/index.js';
import { Webhooks } from './webhooks.js';

const actor = 'ops (0123)';
let ledger: TestLedger;
let claims: Claims;
let outcomes: Outcomes;
let webhooks: Webhooks;

beforeAll(async () => {
  ledger = await TestLedger.open();
  claims = new Claims(ledger.dataSource, rules, { ...nothing, graceMs: () => 60_000 });
  outcomes = new Outcomes(ledger.dataSource, rules, nothing);
  webhooks = new Webhooks(ledger.dataSource);
});
afterAll(() => ledger?.close());
beforeEach(async () => {
  await ledger.clear();
  await ledger.dataSource.query(`truncate ledger.webhooks, ledger.audit_log`);
});

const put = (events: string[], { tenantId = 'acme', name = 'ops', sealed = 'sealed-1' } = {}) =>
  webhooks.put(tenantId, { name, url: 'https://hooks.example/x', events, enabled: true }, () => sealed, actor);

async function run(jobId: string, event: Parameters<typeof eventOf>[2]): Promise<void> {
  await claims.answer([claimOf('w1', [jobId])]);
  await outcomes.apply([messageOf(eventOf(jobId, (await ledger.job(jobId)).attempt, event))]);
}

const done = (...domainEvents: DomainEvent[]) => success({ domainEvents });

async function deliveries() {
  const jobs = (await ledger.jobs()).filter((job) => job.kind === 'platform.deliver_webhook');
  return jobs.map((job) => {
    const { body, ...request } = DeliverWebhookRequest.decode(job.payload);
    return { id: job.id, tenant: job.tenant_id, ...request, body: JSON.parse(body) };
  });
}

it('creates a delivery for every webhook that asked for it, together with what it tells of', async () => {
  const { webhook } = await put(['job.dead', 'probe.done']);
  await put(['job.succeeded'], { name: 'other' });
  await put(['job.dead'], { tenantId: 'globex' });
  const [dead, fine] = [await ledger.queued(), await ledger.queued()];
  await run(dead, death);
  const payload = Buffer.from(ProbeDone.encode({ text: 'x' } as ProbeDone).finish());
  await run(fine, done({ type: 'probe.done', payload }));
  const told = await deliveries();
  expect(told.map((d) => [d.tenant, d.eventType])).toEqual([
    ['acme', 'job.dead'],
    ['acme', 'job.succeeded'],
    ['acme', 'probe.done'],
  ]);
  expect(told[0]).toMatchObject({
    webhookId: webhook.id,
    url: 'https://hooks.example/x',
    sealedSecrets: ['sealed-1'],
    body: { type: 'job.dead', data: { job_id: dead, state: 'dead', error: { code: 'INVALID_INPUT', message: 'no' } } },
  });
  const { fingerprint } = await ledger.job(dead);
  expect(told[0]?.body.data).toMatchObject({ fingerprint, console: `/failures/${fingerprint}` });
  expect(told[2]?.body).toMatchObject({ type: 'probe.done', data: { job_id: fine, body: { text: 'x' } } });
});

it('has its secrets sealed again after a rotation of the key; what cannot be opened stays', async () => {
  const { webhook } = await put(['job.dead'], { sealed: 'v1.old.first' });
  await webhooks.rotate('acme', 'ops', () => 'v1.old.second', 3_600, actor);
  await put(['job.dead'], { name: 'other', sealed: 'v1.unknown.x' });
  await put(['job.dead'], { name: 'current', sealed: 'v1.new.x' });
  const owners: unknown[] = [];
  const again = (owner: [string, string], sealed: string) => {
    owners.push(owner);
    return sealed.startsWith('v1.old.') ? sealed.replace('old', 'new') : undefined;
  };
  expect(await webhooks.sealAgain('new', again)).toEqual({ sealed: 1, unreadable: 1 });
  expect(owners).toContainEqual(['acme', webhook.id]);
  const rows = `select name, sealed_secret as secret, previous_secret as previous from ledger.webhooks order by name`;
  expect(await ledger.dataSource.query(rows)).toEqual([
    { name: 'current', secret: 'v1.new.x', previous: null },
    { name: 'ops', secret: 'v1.new.second', previous: 'v1.new.first' },
    { name: 'other', secret: 'v1.unknown.x', previous: null },
  ]);
  expect(await webhooks.sealAgain('new', again)).toEqual({ sealed: 0, unreadable: 1 });
});

it('does not tell of deliveries themselves', async () => {
  await put(['job.dead', 'job.succeeded']);
  await run(await ledger.queued(), death);
  const [delivery] = await deliveries();
  await run(delivery!.id, death);
  expect(await deliveries()).toHaveLength(1);
});

it('hands over both secrets while a rotation overlaps, and one afterwards', async () => {
  await put(['job.dead']);
  await webhooks.rotate('acme', 'ops', () => 'sealed-2', 60, actor);
  await run(await ledger.queued(), death);
  await ledger.dataSource.query(`update ledger.webhooks set previous_until = now() - interval '1 second'`);
  await run(await ledger.queued(), death);
  expect((await deliveries()).map((d) => d.sealedSecrets)).toEqual([['sealed-2', 'sealed-1'], ['sealed-2']]);
});

it('names what is too large to be sent', async () => {
  await put(['probe.done']);
  const payload = Buffer.from(ProbeDone.encode({ text: 'x'.repeat(300_000) } as ProbeDone).finish());
  const id = await ledger.queued();
  await run(id, done({ type: 'probe.done', payload }));
  expect((await deliveries())[0]?.body.data).toEqual({ job_id: id, too_large: true });
});

describe('a receiver that is gone', () => {
  const gone = (webhookId: string) =>
    done({ type: 'webhook.gone', payload: Buffer.from(WebhookGone.encode({ webhookId } as WebhookGone).finish()) });
  const state = async () => (await webhooks.find('acme', 'ops'))!;

  it('is believed of a delivery, and told no more', async () => {
    const { webhook } = await put(['job.dead']);
    await run(await ledger.queued(), death);
    const [delivery] = await deliveries();
    await run(delivery!.id, gone(webhook.id));
    expect(await state()).toMatchObject({ enabled: false, disabled_reason: expect.stringContaining('410') });
    await run(await ledger.queued(), death);
    expect(await deliveries()).toHaveLength(1);
    await put(['job.dead']);
    expect(await state()).toMatchObject({ enabled: true, disabled_reason: null });
  });

  it('is not believed of other jobs, other tenants, or of a URL that has changed since', async () => {
    const { webhook } = await put(['job.dead']);
    await run(await ledger.queued(), gone(webhook.id));
    await run(await ledger.queued(), done({ type: 'webhook.gone', payload: Buffer.from([0xff, 0xff]) }));
    await put(['job.dead'], { tenantId: 'globex' });
    await run(await ledger.queued({ tenantId: 'globex' }), death);
    const [foreign] = await deliveries();
    await run(foreign!.id, gone(webhook.id));
    expect(await state()).toMatchObject({ enabled: true });

    await run(await ledger.queued(probeJob()), death);
    const own = (await deliveries()).find((d) => d.tenant === 'acme');
    await put(['job.dead']);
    await run(own!.id, gone(webhook.id));
    expect(await state()).toMatchObject({ enabled: true });
  });
});
