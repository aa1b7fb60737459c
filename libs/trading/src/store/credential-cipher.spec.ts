import { randomBytes } from 'node:crypto';
import { CredentialCipher } from './credential-cipher.js';

const owner = { tenantId: 'acme', connectionId: '6c1ff1ad-2d9d-4f4c-9f0e-0d9d4ac36a01' };
const credentials = { key: 'PK123', secret: 'swordfish' };
const key = randomBytes(32);
const cipher = new CredentialCipher(key);

it('opens what it sealed, and seals the same text differently each time', () => {
  const sealed = cipher.seal(owner, credentials);
  expect(sealed).not.toContain('swordfish');
  expect(sealed).not.toBe(cipher.seal(owner, credentials));
  expect(cipher.open(owner, sealed)).toEqual(credentials);
});

it('refuses text with any byte changed, cut short or in another format', () => {
  const [version, id, iv, body] = cipher.seal(owner, credentials).split('.') as [string, string, string, string];
  const bytes = Buffer.from(body, 'base64url');
  for (let at = 0; at < bytes.length; at++) {
    const changed = Buffer.from(bytes);
    changed[at]! ^= 1;
    expect(() => cipher.open(owner, [version, id, iv, changed.toString('base64url')].join('.'))).toThrow('damaged');
  }
  const otherIv = randomBytes(12).toString('base64url');
  for (const text of [`${version}.${id}.${otherIv}.${body}`, `${version}.${id}.${iv}.`, `${version}.${id}..${body}`]) {
    expect(() => cipher.open(owner, text)).toThrow('damaged');
  }
  for (const text of ['', 'plain', `v2.${id}.${iv}.${body}`, `${version}.${id}.${iv}.${body}.x`]) {
    expect(() => cipher.open(owner, text)).toThrow('unknown format');
  }
});

it('refuses text moved to another connection or tenant', () => {
  const sealed = cipher.seal(owner, credentials);
  expect(() => cipher.open({ ...owner, tenantId: 'other' }, sealed)).toThrow('of another owner');
  expect(() => cipher.open({ ...owner, connectionId: 'other' }, sealed)).toThrow('of another owner');
});

it('opens what an earlier key sealed and tells that it is to be sealed again', () => {
  const sealed = cipher.seal(owner, credentials);
  const rotated = new CredentialCipher(randomBytes(32), [key]);
  expect(rotated.open(owner, sealed)).toEqual(credentials);
  expect([cipher.needsSealing(sealed), rotated.needsSealing(sealed)]).toEqual([false, true]);
  expect(() => new CredentialCipher(randomBytes(32)).open(owner, sealed)).toThrow('key that is not configured');
});

it('takes keys of 32 bytes only', () => {
  expect(() => new CredentialCipher(randomBytes(16))).toThrow('32 bytes');
});
