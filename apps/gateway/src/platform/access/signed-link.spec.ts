import { randomBytes } from 'node:crypto';
import { SignedLinks } from './signed-link.js';

const links = new SignedLinks(randomBytes(32));
const now = Date.UTC(2026, 0, 1);
const path = '/v1/digests/d1/page';
const tokenOf = (link: string): string => new URL(link, 'http://x').searchParams.get('token') ?? '';

it('opens its own path for its tenant until it expires', () => {
  const token = tokenOf(links.sign(path, 'acme', 60, now));
  expect(links.tenantOf(path, token, now)).toBe('acme');
  expect(links.tenantOf(path, token, now + 59_000)).toBe('acme');
  expect(links.tenantOf(path, token, now + 60_000)).toBeUndefined();
});

it('opens no other path and no other tenant, and cannot be extended', () => {
  const token = tokenOf(links.sign(path, 'acme', 60, now));
  expect(links.tenantOf('/v1/digests/d2/page', token, now)).toBeUndefined();
  const [expiry, , signature] = token.split('.');
  const other = Buffer.from('globex').toString('base64url');
  expect(links.tenantOf(path, `${expiry}.${other}.${signature}`, now)).toBeUndefined();
  expect(links.tenantOf(path, token.replace(String(expiry), String(Number(expiry) + 1)), now)).toBeUndefined();
  expect(new SignedLinks(randomBytes(32)).tenantOf(path, token, now)).toBeUndefined();
});

it('opens after a rotation of the key until the old one is retired', () => {
  const [old, next] = [randomBytes(32), randomBytes(32)];
  const before = tokenOf(new SignedLinks(old).sign(path, 'acme', 60, now));
  const rotated = new SignedLinks(next, [old]);
  const after = tokenOf(rotated.sign(path, 'acme', 60, now));
  expect([before, after].map((token) => rotated.tenantOf(path, token, now))).toEqual(['acme', 'acme']);
  expect([before, after].map((token) => new SignedLinks(next).tenantOf(path, token, now))).toEqual([undefined, 'acme']);
});

it.each(['', 'x', '1.2.3', '1.2.3.4', '..', '9999999999999.YQ.YQ'])('takes %j for no token', (token) => {
  expect(links.tenantOf(path, token, now)).toBeUndefined();
});
