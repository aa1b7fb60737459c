import { contractLimit } from './slot-limits.js';

const longestValue = 60;
const together = (owner: string): string => (owner === '*' ? ' (all tenants together)' : '');

/** A concurrency key, "<group>|<tenant or *>|<JSON array of values>", as people say it: "sync for account 7". */
export function limitText(key: string): string {
  const [group = '', owner = ''] = key.split('|');
  const values = key.slice(`${group}|${owner}|`.length);
  return `${group}${valuesText(contractLimit(group)?.fields ?? [], values)}${together(owner)}`;
}

/** A rate's key, "<bucket>|<tenant or *>". */
export function bucketText(key: string): string {
  const at = key.lastIndexOf('|');
  return at < 0 ? key : `${key.slice(0, at)}${together(key.slice(at + 1))}`;
}

/** What is paused, from "<scope>:<value>:<tenant or *>". */
export function pauseText(pause: string): string {
  const [scope = '', ...rest] = pause.split(':');
  return `${scope} ${rest.slice(0, -1).join(':')}`;
}

function valuesText(fields: readonly string[], json: string): string {
  if (json === '') return '';
  const values = parsed(json);
  const named = values.map((value, i) => [fields[i], short(value)].filter(Boolean).join(' '));
  return named.length > 0 ? ` for ${named.join(', ')}` : '';
}

/** Keys are made here, but rules change: what an older release wrote is shown as it is. */
function parsed(json: string): unknown[] {
  try {
    const values: unknown = JSON.parse(json);
    if (Array.isArray(values)) return values;
  } catch {
    // no JSON
  }
  return [json];
}

function short(value: unknown): string {
  const text = typeof value === 'string' ? value || '""' : JSON.stringify(value);
  return text.length > longestValue ? `${text.slice(0, longestValue)}…` : text;
}
