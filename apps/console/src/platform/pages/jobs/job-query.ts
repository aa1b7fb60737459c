import { jobStates, type JobSummary, type Query } from '../../api/index.js';
import { isId, readTime } from '../../formats/index.js';

/** A search as it is typed: `state:dead kind:platform.noop error:timeout input.customer:acme`. */
export interface JobQuery {
  states: string[];
  kind?: string;
  queue?: string;
  error?: string;
  batch?: string;
  parent?: string;
  fingerprint?: string;
  stuck?: boolean;
  tenant?: string;
  /** ISO times. */
  after?: string;
  before?: string;
  /** Parts that the payload must hold: text, or "field.path=text". */
  input: string[];
  /** What cannot be understood, and why. */
  faults: { text: string; message: string }[];
}

export const qualifiers = [
  'state',
  'kind',
  'queue',
  'error',
  'after',
  'before',
  'input',
  'batch',
  'parent',
  'fingerprint',
  'stuck',
  'tenant',
] as const;

/** Words people use for states. */
const stateWords: Record<string, readonly string[]> = {
  failed: ['dead'],
  waiting: ['scheduled', 'queued', 'retrying', 'blocked'],
  active: ['scheduled', 'queued', 'running', 'retrying', 'blocked'],
  finished: ['succeeded', 'dead', 'cancelled'],
};

export const stateNames: readonly string[] = [...jobStates, ...Object.keys(stateWords)];

/** Words, and phrases in double quotes: `error:"out of memory"` is one. */
function words(text: string): string[] {
  return [...text.matchAll(/(?:[^\s"]+|"[^"]*"?)+/g)].map(([word]) => word.replaceAll('"', ''));
}

export function parseJobQuery(text: string, now = Date.now()): JobQuery {
  const query: JobQuery = { states: [], input: [], faults: [] };
  for (const word of words(text)) {
    const colon = word.indexOf(':');
    const [name, value] = colon < 0 ? ['', word] : [word.slice(0, colon).toLowerCase(), word.slice(colon + 1)];
    const fault = value === '' ? `write something behind ${name}:` : apply(query, name, value, now);
    if (fault) query.faults.push({ text: word, message: fault });
  }
  return query;
}

/** @returns what is wrong */
function apply(query: JobQuery, name: string, value: string, now: number): string | undefined {
  if (name.startsWith('input.')) {
    query.input.push(`${name.slice('input.'.length)}=${value}`);
    return undefined;
  }
  switch (name) {
    case '':
    case 'input':
      query.input.push(value);
      return undefined;
    case 'state':
      return applyStates(query, value);
    case 'after':
    case 'before':
      return applyTime(query, name, value, now);
    case 'stuck':
      query.stuck = value !== 'false';
      return undefined;
    case 'batch':
    case 'parent':
      if (!isId(value)) return 'is not an id';
      query[name] = value;
      return undefined;
    case 'kind':
    case 'queue':
    case 'error':
    case 'fingerprint':
    case 'tenant':
      query[name] = value;
      return undefined;
    default:
      return `there is no qualifier ${name}: ; known are ${qualifiers.join(', ')}`;
  }
}

function applyStates(query: JobQuery, value: string): string | undefined {
  for (const word of value.toLowerCase().split(',').filter(Boolean)) {
    if (!stateNames.includes(word)) return `there is no state ${word}; there are ${stateNames.join(', ')}`;
    query.states.push(...(stateWords[word] ?? [word]));
  }
  return undefined;
}

function applyTime(query: JobQuery, name: 'after' | 'before', value: string, now: number): string | undefined {
  const at = readTime(value, now);
  if (!at) return 'is neither a time like 2026-01-31T08:00Z nor an age like 90m or 2d';
  query[name] = at.toISOString();
  return undefined;
}

/** Parameters of the route; `input` is left out of counts, which look at no payload. */
export function queryParameters(query: JobQuery): Query {
  return {
    state: query.states.length > 0 ? query.states.join(',') : undefined,
    kind: query.kind,
    queue: query.queue,
    error: query.error,
    batch_id: query.batch,
    parent_id: query.parent,
    fingerprint: query.fingerprint,
    stuck: query.stuck,
    tenant: query.tenant,
    created_after: query.after,
    created_before: query.before,
    input: query.input.length > 0 ? query.input : undefined,
  };
}

/** Whether a job that has just arrived belongs to the answer, as far as can be told without asking. */
export function matches(query: JobQuery, job: JobSummary): boolean {
  const { states, kind, queue, after, before, error } = query;
  if (query.input.length > 0 || query.batch || query.fingerprint || query.stuck || query.tenant) return false;
  if (states.length > 0 && !states.includes(job.state)) return false;
  if ((kind && job.kind !== kind) || (queue && job.queue !== queue)) return false;
  if (query.parent && job.parent_id !== query.parent) return false;
  const created = job.created_at ?? '';
  if ((after && created < after) || (before && created >= before)) return false;
  return !error || `${job.error?.code} ${job.error?.message}`.toLowerCase().includes(error.toLowerCase());
}
