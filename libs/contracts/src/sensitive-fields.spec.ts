import { redacted, redactSensitive, restoreSensitive } from './sensitive-fields.js';

const request = 'roundhouse.platform.v1.DeliverWebhookRequest';
const payload = {
  webhook_id: 'w1',
  url: 'https://hooks.example/?token=1',
  sealed_secrets: ['v1.a', 'v1.b'],
  event_type: 'job.dead',
  body: '{}',
};

it('hides the values of sensitive fields and leaves the others', () => {
  expect(redactSensitive(request, payload)).toEqual({ ...payload, url: redacted, sealed_secrets: redacted });
  expect(redactSensitive(request, { sealedSecrets: ['v1.a'] })).toEqual({ sealedSecrets: redacted });
});

it('shows that nothing was given', () => {
  expect(redactSensitive(request, { url: '', sealed_secrets: [] })).toEqual({ url: '', sealed_secrets: [] });
});

it('gives an edited payload its hidden values back, and says which', () => {
  const shown = redactSensitive(request, payload) as object;
  const edited = { ...shown, event_type: 'job.succeeded' };
  expect(restoreSensitive(request, edited, payload)).toEqual({
    payload: { ...payload, event_type: 'job.succeeded' },
    restored: ['url', 'sealed_secrets'],
    given: [],
  });
  expect(restoreSensitive(request, { ...shown, url: 'https://new.example' }, payload)).toMatchObject({
    payload: { url: 'https://new.example', sealed_secrets: payload.sealed_secrets },
    restored: ['sealed_secrets'],
    given: ['url'],
  });
});

it('restores nothing where there was nothing, and counts nothing empty as given', () => {
  const edited = { url: redacted, sealed_secrets: [] };
  expect(restoreSensitive(request, edited, {})).toEqual({ payload: edited, restored: [], given: ['url'] });
});
