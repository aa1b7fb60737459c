import { DeliverWebhookRequest } from '@roundhouse/contracts';
import type { JobDetail } from '@roundhouse/ledger';
import { jobView } from './job-view.js';

function job(patch: Partial<JobDetail>): JobDetail {
  const now = new Date();
  return {
    id: '01890000-0000-7000-8000-000000000001',
    kind: 'platform.deliver_webhook',
    state: 'dead',
    traceparent: '',
    progress: null,
    error: null,
    createdAt: now,
    runAt: now,
    followUpIds: [],
    rerunOf: null,
    rerunIds: [],
    payload: Buffer.alloc(0),
    result: null,
    ...patch,
  } as JobDetail;
}

it('shows a payload without the values of its sensitive fields', () => {
  const payload = Buffer.from(
    DeliverWebhookRequest.encode(
      DeliverWebhookRequest.fromPartial({ webhookId: 'w', url: 'https://x.example/t0k', sealedSecrets: ['v1.s3cret'] }),
    ).finish(),
  );
  const view = jobView(job({ payload }));
  expect(view.payload).toMatchObject({ webhook_id: 'w', url: '[redacted]', sealed_secrets: '[redacted]' });
  expect(JSON.stringify(view)).not.toMatch(/t0k|s3cret/);
});

it('shows no bytes that it cannot read', () => {
  expect(jobView(job({ payload: Buffer.from([0x0a]) })).payload).toBeNull();
  expect(jobView(job({ kind: 'who.knows', payload: Buffer.from('secret') })).payload).toBeNull();
});
