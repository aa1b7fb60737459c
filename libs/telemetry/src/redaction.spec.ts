import { redact, redactText } from './redaction.js';

describe('redact', () => {
  it('hides values under secret names at any depth and keeps the rest', () => {
    const seen = redact({
      user: 'ann',
      Authorization: 'Bearer abc',
      nested: [{ apiKey: 'k', 'api-key': 'k', api_key: 'k', url: 'u', clientSecret: { deep: 1 } }],
      credentials: ['a', 'b'],
      password_hash: 'x',
      accessToken: 't',
      tokens_left: 3,
      none: null,
    });
    expect(seen).toEqual({
      user: 'ann',
      Authorization: '[redacted]',
      nested: [
        { apiKey: '[redacted]', 'api-key': '[redacted]', api_key: '[redacted]', url: 'u', clientSecret: '[redacted]' },
      ],
      credentials: '[redacted]',
      password_hash: '[redacted]',
      accessToken: '[redacted]',
      tokens_left: 3,
      none: null,
    });
  });

  it('does not print bytes, and ends on circular objects', () => {
    const circular: Record<string, unknown> = { payload: new Uint8Array(5) };
    circular.self = circular;
    expect(JSON.stringify(redact(circular))).toContain('<5 bytes>');
  });

  it('leaves the original as it was', () => {
    const original = { token: 'abc' };
    redact(original);
    expect(original.token).toBe('abc');
  });
});

describe('redactText', () => {
  it.each([
    ['amqp://user:p4ss@host:5672/vhost', 'amqp://user:[redacted]@host:5672/vhost'],
    [
      'connect to postgres://a:b@h/db and http://x:y@z failed',
      'connect to postgres://a:[redacted]@h/db and http://x:[redacted]@z failed',
    ],
    ['http://host:8080/path', 'http://host:8080/path'],
    ['authorization was Bearer eyJhbGciOi.abc', 'authorization was Bearer [redacted]'],
    ['redis://:secret@host', 'redis://:[redacted]@host'],
  ])('%s', (text, expected) => expect(redactText(text)).toBe(expected));
});
