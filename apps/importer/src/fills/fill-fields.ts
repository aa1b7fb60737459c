import { isNegative } from './decimal-text.js';
import { RowProblem } from './row-problem.js';

const SYMBOL = /^[^\p{C}\p{Z}]([^\p{C}]{0,62}[^\p{C}\p{Z}])?$/u;
const DAY = 24 * 3_600_000;

/** Upper case, 1 to 64 printable characters; blanks inside are kept (option symbols have them). */
export function symbolOf(column: string, text: string): string {
  const symbol = text.trim().toUpperCase();
  if (symbol === '') throw new RowProblem(column, text, `${column} is empty; give the traded symbol`);
  if (!SYMBOL.test(symbol))
    throw new RowProblem(column, text, `${column} is not a symbol; give 1 to 64 printable characters`);
  return symbol;
}

export function positive(column: string, decimal: string): string {
  if (decimal === '0' || isNegative(decimal))
    throw new RowProblem(column, decimal, `${column} must be greater than 0; correct or remove the row`);
  return decimal;
}

/** Prices: 0 is a price (an option that expires worthless), a negative one is not. */
export function notNegative(column: string, decimal: string): string {
  if (isNegative(decimal)) throw new RowProblem(column, decimal, `${column} must not be negative; correct the row`);
  return decimal;
}

/** Letters and digits in upper case: a currency, or the asset a fee was taken in (some are a single letter). */
export function currencyOf(column: string, text: string): string {
  const currency = text.trim().toUpperCase();
  if (!/^[\p{L}\p{N}]{1,20}$/u.test(currency))
    throw new RowProblem(column, text, `${column} is not a currency; write it like USD or BNB`);
  return currency;
}

/** The source's own id: 1 to 200 printable characters. */
export function externalId(column: string, text: string): string {
  const id = text.trim();
  if (!/^[^\p{C}]{1,200}$/u.test(id))
    throw new RowProblem(column, text, `${column} is empty or longer than 200 characters; give the id of the fill`);
  return id;
}

/** Between 1970 and tomorrow: anything else is a misread date, seconds taken for milliseconds, or a wrong zone. */
export function plausibleTime(column: string, text: string, at: Date): Date {
  const ms = at.getTime();
  if (Number.isNaN(ms)) throw new RowProblem(column, text, `${column} is not a time`);
  if (ms < 0 || ms > Date.now() + DAY)
    throw new RowProblem(column, text, `${column} is before 1970 or in the future; check its format and time zone`);
  return at;
}

const BUY = new Set(['buy', 'b', 'bot', 'bought', 'long', 'buytoopen', 'buytocover', 'buytoclose', 'cover']);
const SELL = new Set(['sell', 's', 'sld', 'sold', 'short', 'sellshort', 'selltoopen', 'selltoclose']);

/** Buy or sell of the words brokers use, whatever their case and separators ('Sell Short', 'sell_short'); else undefined. */
export function sideOf(text: string): 'buy' | 'sell' | undefined {
  const word = text.toLowerCase().replace(/[\s_-]+/g, '');
  return BUY.has(word) ? 'buy' : SELL.has(word) ? 'sell' : undefined;
}
