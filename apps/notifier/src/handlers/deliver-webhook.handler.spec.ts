import { SecretCipher } from '@roundhouse/secrets';
import { performJob, startLocalProvider, type LocalProvider, type ProviderHandler } from '@roundhouse/testing';
import { createHmac, randomBytes, randomUUID } from 'node:crypto';
import { WebhookSender } from '../webhooks/webhook-sender.js';
import { DeliverWebhookHandler } from './deliver-webhook.handler.js';

const tenantId = 'acme';
const webhookId = randomUUID();
const secret = `whsec_${randomBytes(32).toString('base64')}`;
const cipher = new SecretCipher(randomBytes(32));
const body = '{"type":"job.dead"}';
const open = { allowHttp: true, allowPrivate: true };

let receiver: LocalProvider | undefined;
afterEach(async () => {
  await receiver?.close();
  receiver = undefined;
});

async function deliver(answer: ProviderHandler, sender = new WebhookSender(open, 300), sealed?: string) {
  receiver = await startLocalProvider(answer);
  const handler = new DeliverWebhookHandler(cipher, sender);
  const sealedSecrets = [sealed ?? cipher.seal([tenantId, webhookId], secret)];
  const request = { webhookId, url: `${receiver.baseUrl}/hook?token=t0k`, sealedSecrets, eventType: 'job.dead', body };
  return performJob('platform.deliver_webhook', (r, ctx) => handler.handle(r, ctx), request, { tenantId });
}

async function failure(work: Promise<unknown>) {
  const error = (await work.then(
    () => undefined,
    (e: unknown) => e,
  )) as { cause: unknown; traces: { events: unknown[] } };
  return { cause: error.cause, events: error.traces.events };
}

it('posts the body with a signature that the receiver can verify', async () => {
  const { jobId, result } = await deliver(() => ({ status: 202, body: '' }));
  expect(result).toMatchObject({ status: 202 });
  const [request] = receiver!.requests;
  const { headers } = request!;
  expect(request).toMatchObject({ method: 'POST', body });
  expect(headers).toMatchObject({ 'content-type': 'application/json', 'webhook-id': `msg_${jobId}` });
  const signed = `msg_${jobId}.${headers['webhook-timestamp']}.${body}`;
  const mac = createHmac('sha256', Buffer.from(secret.slice('whsec_'.length), 'base64'))
    .update(signed)
    .digest('base64');
  expect(headers['webhook-signature']).toBe(`v1,${mac}`);
  expect(Math.abs(Number(headers['webhook-timestamp']) - Date.now() / 1000)).toBeLessThan(60);
});

it.each([
  [500, { code: 'UNAVAILABLE', retryable: true }],
  [429, { code: 'RATE_LIMITED', retryable: true, retryAfterMs: 7_000 }],
  [503, { code: 'UNAVAILABLE', retryable: true, retryAfterMs: 7_000 }],
  [404, { code: 'FAILED_PRECONDITION', retryable: true }],
  [302, { code: 'FAILED_PRECONDITION', retryable: true }],
])('tries again after HTTP %i', async (status, expected) => {
  const headers = { 'retry-after': '7', location: 'http://elsewhere.example' };
  const { cause, events } = await failure(deliver(() => ({ status, body: 'no', headers })));
  expect(cause).toMatchObject(expected);
  expect(events).toEqual([]);
  expect(receiver!.requests).toHaveLength(1);
});

it('tells the ledger that a receiver is gone for good', async () => {
  const { cause, events } = await failure(deliver(() => ({ status: 410, body: '' })));
  expect(cause).toMatchObject({ code: 'NOT_FOUND', retryable: false });
  expect(events).toMatchObject([{ type: 'webhook.gone', body: { webhookId } }]);
});

it('gives up on a silent receiver, and says nothing of the path', async () => {
  const { cause } = await failure(deliver(() => undefined));
  expect(cause).toMatchObject({ code: 'TIMEOUT', retryable: true });
  expect(String(cause)).not.toContain('t0k');
});

it('never calls private addresses unless it is allowed to', async () => {
  const byAddress = await failure(deliver(() => ({ body: '' }), new WebhookSender({ allowHttp: true })));
  expect(byAddress.cause).toMatchObject({ code: 'INVALID_INPUT', field: 'url', retryable: false });
  expect(receiver!.requests).toHaveLength(0);
});

it('does not open the secret of another webhook', async () => {
  const moved = cipher.seal([tenantId, randomUUID()], secret);
  const { cause } = await failure(deliver(() => ({ body: '' }), undefined, moved));
  expect(cause).toMatchObject({ code: 'FAILED_PRECONDITION', retryable: false, field: 'sealed_secrets' });
  expect(receiver!.requests).toHaveLength(0);
});
