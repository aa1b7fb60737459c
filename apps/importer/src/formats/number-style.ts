import { canonicalDecimal } from '../fills/decimal-text.js';
import { RowProblem } from '../fills/row-problem.js';

/** Which sign separates decimals in a file; 'unknown' when no value of its beginning tells. */
export type NumberStyle = 'point' | 'comma' | 'unknown';

const GROUPED_BY_COMMA = /^[+-]?\d{1,3}(,\d{3})+(\.\d*)?$/;
const GROUPED_BY_POINT = /^[+-]?\d{1,3}(\.\d{3})+(,\d*)?$/;

/** Currency signs and the blanks or apostrophes that group digits go; `(1.50)` and `-$1.50` and `$-1.50` are negative. */
function bare(text: string): string {
  const value = text
    .replace(/(?<=\d)[\s'’](?=\d{3}(?!\d))/g, '')
    .replace(/[$€£¥]/g, '')
    .replace(/^([+-]?)\s+/, '$1')
    .trim();
  const bracketed = /^\((.+)\)$/.exec(value);
  return bracketed ? `-${bracketed[1]}` : value;
}

function styleOf(text: string): NumberStyle {
  const value = bare(text);
  const comma = value.lastIndexOf(',');
  const point = value.lastIndexOf('.');
  if (comma >= 0 && point >= 0) return comma > point ? 'comma' : 'point';
  if (comma >= 0)
    return /^[+-]?\d{1,3}(,\d{3})$/.test(value) ? 'unknown' : /(,\d{3}){2}$/.test(value) ? 'point' : 'comma';
  if (point >= 0)
    return /^[+-]?\d{1,3}(\.\d{3})$/.test(value) ? 'unknown' : /(\.\d{3}){2}$/.test(value) ? 'comma' : 'point';
  return 'unknown';
}

/** The style all telling values agree on; values that contradict one another leave it unknown. */
export function numberStyle(values: Iterable<string>): NumberStyle {
  let style: NumberStyle = 'unknown';
  for (const value of values) {
    const one = styleOf(value);
    if (one === 'unknown' || one === style) continue;
    if (style !== 'unknown') return 'unknown';
    style = one;
  }
  return style;
}

/**
 * The canonical decimal of a number as people and spreadsheets write it. '1,234' in a file of unknown style is refused:
 * taking it for 1234 or for 1.234 would be wrong by a factor of a thousand half of the time.
 */
export function localDecimal(column: string, text: string, style: NumberStyle): string {
  const value = bare(text);
  const effective = style === 'unknown' ? styleOf(value) : style;
  if (effective === 'unknown' && value.includes(','))
    throw new RowProblem(
      column,
      text,
      `${column} can be read as a thousand and more or as a fraction; export numbers with a decimal point and without grouping`,
    );
  const grouping = effective === 'comma' ? '.' : ',';
  const grouped = effective === 'comma' ? GROUPED_BY_POINT : GROUPED_BY_COMMA;
  const ungrouped = grouped.test(value) ? value.replaceAll(grouping, '') : value;
  try {
    return canonicalDecimal(column, effective === 'comma' ? ungrouped.replace(',', '.') : ungrouped);
  } catch (problem) {
    throw problem instanceof RowProblem ? new RowProblem(column, text, problem.message) : problem;
  }
}
