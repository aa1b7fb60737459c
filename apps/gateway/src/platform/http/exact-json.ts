import { randomBytes } from 'node:crypto';
import { scanJson } from './json-scan.js';
import { Problem } from './problem.js';

/** Nothing that a route takes is half as deep; parsers and everything behind them recurse. */
export const maxDepth = 100;

/**
 * Reads JSON as `parse` does, with integers exact: one that a JavaScript number cannot hold is a `bigint`. `JSON.parse` of Node 20 does
 * not show the text of a number, so those that matter go through it as strings behind a mark that nobody can guess.
 * @throws Problem when it is nested too deep
 */
export function parseExact(json: Buffer, parse: (text: string) => unknown): unknown {
  const { tooDeep, largeIntegers } = scanJson(json, maxDepth);
  if (tooDeep) throw new Problem('invalid_request', `The body is nested more than ${maxDepth} deep`);
  if (largeIntegers.length === 0) return parse(json.toString('utf8'));
  const mark = `integer ${randomBytes(12).toString('base64url')} `;
  const parts: string[] = [];
  let from = 0;
  for (const [start, end] of largeIntegers) {
    parts.push(json.toString('utf8', from, start), `"${mark}`, json.toString('latin1', start, end), '"');
    from = end;
  }
  parts.push(json.toString('utf8', from));
  return unmarked(parse(parts.join('')), mark);
}

function unmarked(value: unknown, mark: string): unknown {
  if (typeof value === 'string') return value.startsWith(mark) ? BigInt(value.slice(mark.length)) : value;
  if (typeof value !== 'object' || value === null) return value;
  const object = value as Record<string, unknown>;
  for (const key of Object.keys(object)) {
    const below = object[key];
    if (typeof below === 'string' || typeof below === 'object') object[key] = unmarked(below, mark);
  }
  return value;
}
