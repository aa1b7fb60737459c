import { randomBytes } from 'node:crypto';
import { newJobId } from '../records/index.js';
import { GrantTokens } from './grant-token.js';

const secret = randomBytes(32);
const tokens = new GrantTokens(secret);
const grant = { jobId: newJobId(), attempt: 3, workerId: 'scorer-host-1-abc' };

it('is the same of every gateway with the secret, and short', () => {
  const token = tokens.issue(grant);
  expect(token).toHaveLength(16);
  expect(new GrantTokens(secret).isGenuine(token, grant)).toBe(true);
});

it.each([
  ['job', { jobId: newJobId() }],
  ['attempt', { attempt: 4 }],
  ['worker', { workerId: 'scorer-host-1-abd' }],
])('is of no use for another %s', (_what, other) => {
  expect(tokens.isGenuine(tokens.issue(grant), { ...grant, ...other })).toBe(false);
});

it.each([
  ['none', undefined],
  ['an empty one', Buffer.alloc(0)],
  ['a guess', Buffer.alloc(16)],
  ['a part of it', tokens.issue(grant).subarray(0, 8)],
  ['one by another secret', new GrantTokens(randomBytes(32)).issue(grant)],
])('is not %s', (_what, token) => {
  expect(tokens.isGenuine(token, grant)).toBe(false);
});

it('of a secret that was in use before is still taken, and made no more', () => {
  const rotated = new GrantTokens(randomBytes(32), [secret]);
  expect(rotated.isGenuine(tokens.issue(grant), grant)).toBe(true);
  expect(tokens.isGenuine(rotated.issue(grant), grant)).toBe(false);
});

it('can be asked for of anything that a message may hold', () => {
  const odd = { jobId: 'no id', attempt: 2 ** 32 - 1, workerId: '' };
  expect(tokens.isGenuine(Buffer.alloc(16), odd)).toBe(false);
  expect(tokens.isGenuine(tokens.issue(odd), odd)).toBe(true);
});
