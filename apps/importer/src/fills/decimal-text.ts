import { Decimal } from 'decimal.js';
import { RowProblem } from './row-problem.js';

const PLAIN = /^[+-]?(\d+\.?\d*|\.\d+)(e[+-]?\d{1,2})?$/i;
const MAX_LENGTH = 64;
const MAX_INTEGER_DIGITS = 20;
const MAX_DECIMAL_PLACES = 18;

/** The canonical form of a plain decimal: '4.00000100' → '4.000001', '1e-8' → '0.00000001', '-0' → '0'. */
export function canonicalDecimal(column: string, text: string): string {
  const value = text.trim();
  if (value === '') throw new RowProblem(column, text, `${column} is empty; give a number`);
  if (value.length > MAX_LENGTH || !PLAIN.test(value))
    throw new RowProblem(column, text, `${column} is not a number; write it like 1234.50`);
  const decimal = new Decimal(value); // the constructor never rounds
  if (decimal.decimalPlaces() > MAX_DECIMAL_PLACES || decimal.abs().gte(`1e${MAX_INTEGER_DIGITS}`))
    throw new RowProblem(
      column,
      text,
      `${column} has more than ${MAX_INTEGER_DIGITS} digits or ${MAX_DECIMAL_PLACES} decimal places; correct it`,
    );
  return decimal.isZero() ? '0' : decimal.toFixed();
}

export function isNegative(decimal: string): boolean {
  return decimal.startsWith('-');
}

export function withoutSign(decimal: string): string {
  return isNegative(decimal) ? decimal.slice(1) : decimal;
}

export function negated(decimal: string): string {
  return decimal === '0' ? '0' : isNegative(decimal) ? decimal.slice(1) : `-${decimal}`;
}

/** Exact product of two canonical decimals. */
export function times(a: string, b: string): string {
  return exact(a).times(b).toFixed();
}

const Exact = Decimal.clone({ precision: 100 });
function exact(text: string): Decimal {
  return new Exact(text);
}
