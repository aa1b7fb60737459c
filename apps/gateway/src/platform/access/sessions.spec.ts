import { Sessions } from './sessions.js';

const keyId = '0123456789abcdef';
const sessions = new Sessions(Buffer.alloc(32, 1));

describe('console sessions', () => {
  it('say whose they are until they expire', () => {
    const token = sessions.issue(keyId, 60, 1_800_000_000_000);
    expect(sessions.read(token, 1_800_000_059_000)).toMatchObject({ keyId, expiresAt: 1_800_000_060_000 });
    expect(sessions.read(token, 1_800_000_060_000)).toBeUndefined();
  });

  it('cannot be forged, prolonged or moved to another key', () => {
    const token = sessions.issue(keyId, 60);
    const [id, expiry, ...rest] = token.split('.');
    expect(sessions.read(['fedcba9876543210', expiry, ...rest].join('.'))).toBeUndefined();
    expect(sessions.read([id, Number(expiry) + 1000, ...rest].join('.'))).toBeUndefined();
    expect(new Sessions(Buffer.alloc(32, 2)).read(token)).toBeUndefined();
    expect(sessions.read('')).toBeUndefined();
  });

  it('go on after a rotation of the key until the old one is retired', () => {
    const [old, next] = [Buffer.alloc(32, 1), Buffer.alloc(32, 2)];
    const token = sessions.issue(keyId, 60);
    const before = sessions.read(token)!;
    const rotated = new Sessions(next, [old]);
    // With the CSRF token that the page has.
    expect(rotated.isGenuine(rotated.read(token)!, before.csrfToken)).toBe(true);
    expect(new Sessions(next).read(rotated.issue(keyId, 60))).toMatchObject({ keyId });
    expect(sessions.read(rotated.issue(keyId, 60))).toBeUndefined();
    expect(new Sessions(next).read(token)).toBeUndefined();
  });

  it('have a CSRF token of their own', () => {
    const [one, other] = [sessions.issue(keyId, 60), sessions.issue(keyId, 60)].map((token) => sessions.read(token)!);
    expect(sessions.isGenuine(one!, one!.csrfToken)).toBe(true);
    expect(sessions.isGenuine(one!, other!.csrfToken)).toBe(false);
    expect(sessions.isGenuine(one!, undefined)).toBe(false);
  });
});
