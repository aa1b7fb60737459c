import { jest } from '@jest/globals';
import fc from 'fast-check';
import { maxDepth, parseExact } from './exact-json.js';

const read = (text: string): unknown => parseExact(Buffer.from(text), JSON.parse);

it('reads integers of 64 bits exactly, as numbers where those are exact', () => {
  expect(read('{"a": 9007199254740993, "b": [-9223372036854775808, 18446744073709551615, 1234567890123456]}')).toEqual({
    a: 9007199254740993n,
    b: [-(2n ** 63n), 2n ** 64n - 1n, 1234567890123456],
  });
  expect(read('9007199254740991')).toBe(9007199254740991);
  expect(read(' 9007199254740992 ')).toBe(9007199254740992n);
});

it('leaves texts, fractions and what is none of 64 bits as they are', () => {
  const text = String.raw`["9007199254740993", "\"9007199254740993", "\\", 9007199254740993.5, 9007199254740993e1, 0.9007199254740993123, 1e9007199254740993, ${'9'.repeat(21)}]`;
  expect(read(text)).toEqual(JSON.parse(text));
});

it.each([
  '[01234567890123456789]',
  '[9007199254740993x]',
  '9007199254740993 1',
  '[--9007199254740993]',
  '{9007199254740993: 1}',
  '{"a": 1, 9007199254740993 : 1}',
])('takes %s for no JSON, as JSON.parse does', (text) => expect(() => read(text)).toThrow(SyntaxError));

it('reads any JSON as JSON.parse does', () => {
  fc.assert(
    fc.property(fc.json(), (text) => {
      const plain = JSON.stringify(read(text), (_, value: unknown) =>
        typeof value === 'bigint' ? Number(value) : value,
      );
      expect(plain).toBe(JSON.stringify(JSON.parse(text)));
    }),
  );
});

it('takes the depth of any body before it is parsed', () => {
  const parse = jest.fn<(text: string) => unknown>();
  const deep = '[{"a":'.repeat(1_000_000);
  expect(() => parseExact(Buffer.from(deep), parse)).toThrow(`nested more than ${maxDepth} deep`);
  expect(parse).not.toHaveBeenCalled();
  const nested = (depth: number) => '['.repeat(depth) + ']'.repeat(depth);
  expect(() => read(nested(maxDepth))).not.toThrow();
  expect(() => read(nested(maxDepth + 1))).toThrow('nested');
  expect(read(`["${'['.repeat(1000)}", []]`)).toEqual(['['.repeat(1000), []]);
});
