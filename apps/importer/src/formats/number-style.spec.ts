import fc from 'fast-check';
import { localDecimal, numberStyle } from './number-style.js';

describe('number style', () => {
  it.each([
    [['10', '1.5'], 'point'],
    [['1,234.50'], 'point'],
    [['1,234,567'], 'point'],
    [['10', '1,5'], 'comma'],
    [['1.234,50'], 'comma'],
    [['1.234.567'], 'comma'],
    [['1,234', '10'], 'unknown'],
    [['1,5', '1.5'], 'unknown'],
    [[], 'unknown'],
  ])('%j is %s', (values, style) => {
    expect(numberStyle(values)).toBe(style);
  });

  it.each([
    ['-$1,234.50', '-1234.5'],
    ['$-1,234.50', '-1234.5'],
    ['($1,234.50)', '-1234.5'],
    ['- 5', '-5'],
    ['€ 12.30', '12.3'],
    ['+.5', '0.5'],
    ['1e-8', '0.00000001'],
    ['-0.00', '0'],
  ])('reads %s', (text, expected) => {
    expect(localDecimal('n', text, 'point')).toBe(expected);
  });

  it.each(['', '-', '1,23', '12,34.5', '1 2', '0x10', 'Infinity', '--1', '1.2.3', '((1))'])('refuses %s', (text) => {
    expect(() => localDecimal('n', text, 'point')).toThrow(
      expect.objectContaining({ name: 'RowProblem', value: text }),
    );
  });

  it('reads what either locale writes', () => {
    const formatted = fc.record({
      cents: fc.bigInt({ min: -(10n ** 15n), max: 10n ** 15n }),
      locale: fc.constantFrom('en-US', 'de-DE'),
    });
    fc.assert(
      fc.property(formatted, ({ cents, locale }) => {
        const value = Number(cents) / 100;
        const text = new Intl.NumberFormat(locale, { minimumFractionDigits: 2, maximumFractionDigits: 2 }).format(
          value,
        );
        expect(Number(localDecimal('n', text, numberStyle([text])))).toBe(Number(value.toFixed(2)) + 0);
      }),
    );
  });
});
