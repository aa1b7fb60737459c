import { randomBytes, randomUUID } from 'node:crypto';
import { StatusTokens } from './status-token.js';

const tokens = new StatusTokens(randomBytes(32));
const content = { linkId: randomUUID(), expires: 2_000_000_000 };

it('reads what it has signed', () => {
  expect(tokens.read(tokens.sign(content))).toEqual(content);
});

it('reads what a previous key has signed', () => {
  const [old, next] = [randomBytes(32), randomBytes(32)];
  const token = new StatusTokens(old).sign(content);
  expect(new StatusTokens(next, [old]).read(token)).toEqual(content);
  expect(new StatusTokens(next).read(token)).toBeUndefined();
  expect(new StatusTokens(next).read(new StatusTokens(next, [old]).sign(content))).toEqual(content);
});

it('refuses a token of another key, and one with any character changed', () => {
  const token = tokens.sign(content);
  expect(new StatusTokens(randomBytes(32)).read(token)).toBeUndefined();
  // The last character holds padding bits; what counts is every byte.
  for (let i = 0; i < token.length - 1; i += 1) {
    const changed = token.slice(0, i) + (token[i] === 'A' ? 'B' : 'A') + token.slice(i + 1);
    expect(tokens.read(changed)).toBeUndefined();
  }
});

it.each(['', 'a', '../../etc', 'ä'.repeat(51), 'A'.repeat(51), 'A'.repeat(500)])('refuses %j', (token) => {
  expect(tokens.read(token)).toBeUndefined();
});
