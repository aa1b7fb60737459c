import { redactSensitive } from '@roundhouse/contracts';
import type { ApiKeyScope } from '@roundhouse/ledger';
import { Problem } from '../http/problem.js';
import { restoreHidden } from './hidden-values.js';

const requestType = 'roundhouse.platform.v1.DeliverWebhookRequest';
const original = {
  webhook_id: '7f0d8f2c-61a3-4a39-9d4d-0c1c6ee6a6b4',
  url: 'https://hooks.example/canary',
  sealed_secrets: ['v1.canary'],
  event_type: 'job.dead',
  body: '{}',
};
const shown = redactSensitive(requestType, original) as typeof original;
const writer: ApiKeyScope[] = ['jobs:view', 'jobs:write', 'dead:redrive'];
const restore = (edited: Record<string, unknown>, scopes = writer) =>
  restoreHidden(requestType, edited, original, scopes);

const { body: _, ...withoutBody } = shown;

function refusalOf(edited: Record<string, unknown>): Problem {
  try {
    restore(edited);
  } catch (error) {
    return error as Problem;
  }
  throw new Error('It was not refused');
}

it.each(['payloads:read', 'jobs:read', 'admin'] as const)('restores beside a changed field for %s', (scope) => {
  const edited = { ...shown, event_type: 'job.succeeded' };
  expect(restore(edited, [scope])).toEqual({ ...original, event_type: 'job.succeeded' });
});

it('restores for everybody what is otherwise as it was, however it is written', () => {
  const { event_type, webhook_id, ...rest } = shown;
  expect(restore({ ...rest, webhookId: webhook_id, eventType: event_type })).toMatchObject({
    url: original.url,
    sealed_secrets: original.sealed_secrets,
  });
});

it('needs no scope when nothing hidden is kept', () => {
  const edited = { ...shown, url: 'https://other.example', sealed_secrets: ['v1.other'], body: '{"a":1}' };
  expect(restore(edited)).toEqual(edited);
});

it.each([
  ['another field has changed', { ...shown, event_type: 'job.succeeded' }, ['url', 'sealed_secrets']],
  ['the address of a secret has changed', { ...shown, url: 'https://thief.example' }, ['sealed_secrets']],
  ['one hidden value was guessed', { ...shown, url: original.url }, ['sealed_secrets']],
  ['a field is gone', withoutBody, ['url', 'sealed_secrets']],
  ['a field does not fit', { ...shown, body: 7 }, ['url', 'sealed_secrets']],
])('names the hidden fields and what to do when %s', (_, edited, hidden) => {
  const { code, message, options } = refusalOf(edited);
  expect(code).toBe('forbidden');
  expect(options.errors?.map(({ path }) => path)).toEqual(hidden.map((name) => `payload.${name}`));
  expect(message).toContain('payloads:read');
  expect(message).toContain('send values of your own');
  expect(message).not.toContain('canary');
});
