import { plainNumber, typedNumber, withoutExponent } from './number-text.js';

it.each([
  ['1.1000000000000001', '1.1'],
  ['0.30000000000000004', '0.3'],
  ['4.5E-2', '0.045'],
  ['1E+21', '1000000000000000000000'],
  ['123456789012345678', '123456789012346000'],
  ['-0', '0'],
  ['42', '42'],
  ['-12.50', '-12.5'],
])('shows the stored number %s as Excel does: %s', (stored, shown) => {
  expect(plainNumber(stored)).toBe(shown);
});

it('knows what is no number', () => {
  expect([plainNumber(''), plainNumber('abc'), plainNumber('Infinity')]).toEqual([undefined, undefined, undefined]);
});

it.each([
  ['1,234.50', '.', '1234.5'],
  ['1.234,50', ',', '1234.5'],
  ['1 234,5', ',', '1234.5'],
  ["1'234.5", '.', '1234.5'],
  ['(12)', '.', '-12'],
  ['+3', '.', '3'],
  ['−3', '.', '-3'],
  ['.5', '.', '0.5'],
  ['1.2E3', '.', '1200'],
  ['12345678901234567890.123456789', '.', '12345678901234567890.123456789'],
] as const)('reads %s with the decimal point "%s" as %s', (text, decimal, number) => {
  expect(typedNumber(text, decimal)).toBe(number);
});

it.each(['1,2,3', '12,34.5', 'many', '', '-', '.', '1..2', '0x10', '1e'])('does not take %j for a number', (text) => {
  expect(typedNumber(text, '.')).toBeUndefined();
});

it('writes exponents out', () => {
  expect(['1e-7', '1.50e+3', '-2.5E0'].map(withoutExponent)).toEqual(['0.0000001', '1500', '-2.5']);
});
