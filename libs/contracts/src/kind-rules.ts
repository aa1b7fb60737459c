import { defaultRetryPolicy, type RetryPolicy } from './retry-policy.js';

/** What a failure of one code means for a kind. */
export interface ErrorRule {
  code: string;
  action: 'retry' | 'snooze' | 'discard' | 'dead';
  /** Undefined: the kind's own policy. */
  retry: RetryPolicy | undefined;
}

export interface UniqueRule {
  /** Request fields by their proto names; empty: the whole request. */
  fields: readonly string[];
  mode: 'reject' | 'return_existing' | 'replace' | 'debounce' | 'throttle';
  /** Undefined: until the job is over. */
  periodMs: number | undefined;
  /** State that gives the key back when there is no period. */
  heldUntil: 'over' | 'started' | 'succeeded';
  /**
   * What becomes of a request when the first job has started and is not over. Undefined: what the mode says, and jobs of one
   * key may run side by side once the key is free.
   */
  whileRunning: 'replace_next' | 'queue_next' | 'drop' | undefined;
  /** Of debounce: the start moves no further than this after the first request. */
  maxWaitMs: number | undefined;
  /** Of debounce: the first job does not wait. */
  leading: boolean;
}

/** A newer payload shall run, so it follows a job that has started, unless the key is given back at the start. */
export function defaultWhileRunning({ mode, heldUntil }: Pick<UniqueRule, 'mode' | 'heldUntil'>) {
  return (mode === 'replace' || mode === 'debounce') && heldUntil !== 'started' ? 'replace_next' : undefined;
}

export interface ConcurrencyRule {
  group: string;
  fields: readonly string[];
  limit: number;
  onConflict: 'block' | 'snooze' | 'discard';
  snoozeMs: number;
  acrossTenants: boolean;
}

export interface RateRule {
  bucket: string;
  cost: number;
  perSecond: number;
  burst: number;
  acrossTenants: boolean;
}

export interface QueueClass {
  queue: string;
  weight: number;
  /** Undefined: no limit of its own. */
  processLimit: number | undefined;
}

/** The proto JSON forms of the options; absent fields have their default. */
export interface RetryPolicyJson {
  backoff?: string;
  maxAttempts?: number;
  initial?: string;
  multiplier?: number;
  cap?: string;
  delays?: string[];
}
export interface ErrorRuleJson {
  code: string;
  action?: string;
  retry?: RetryPolicyJson;
}
export interface UniqueRuleJson {
  fields?: string[];
  mode?: string;
  period?: string;
  heldUntil?: string;
  whileRunning?: string;
  maxWait?: string;
  leading?: boolean;
}
export interface ConcurrencyRuleJson {
  group?: string;
  fields?: string[];
  limit?: number;
  onConflict?: string;
  snooze?: string;
  acrossTenants?: boolean;
}
export interface RateRuleJson {
  bucket: string;
  cost?: number;
  perSecond?: number;
  burst?: number;
  acrossTenants?: boolean;
}
export interface QueueClassJson {
  queue: string;
  weight?: number;
  processLimit?: number;
}

/** Proto JSON writes durations as "1.5s". */
export function milliseconds(duration: string): number {
  return Math.round(Number.parseFloat(duration) * 1000);
}

/** "MODE_RETURN_EXISTING" → "return_existing"; the UNSPECIFIED value and nothing at all → the default. */
function enumName<T extends string | undefined>(value: string | undefined, prefix: string, fallback: T): T {
  if (value === undefined || value.endsWith('_UNSPECIFIED')) return fallback;
  return value.slice(prefix.length).toLowerCase() as T;
}

export function retryPolicy(option: RetryPolicyJson | undefined): RetryPolicy {
  if (!option) return defaultRetryPolicy;
  return {
    backoff: enumName(option.backoff, 'BACKOFF_', 'polynomial'),
    maxAttempts: option.maxAttempts ?? defaultRetryPolicy.maxAttempts,
    initialMs: option.initial ? milliseconds(option.initial) : defaultRetryPolicy.initialMs,
    multiplier: option.multiplier ?? defaultRetryPolicy.multiplier,
    capMs: option.cap ? milliseconds(option.cap) : defaultRetryPolicy.capMs,
    delaysMs: (option.delays ?? []).map(milliseconds),
  };
}

export function errorRule({ code, action, retry }: ErrorRuleJson): ErrorRule {
  return {
    code: code.slice('ERROR_CODE_'.length),
    action: enumName(action, 'ACTION_', 'retry'),
    retry: retry && retryPolicy(retry),
  };
}

export function uniqueRule(option: UniqueRuleJson): UniqueRule {
  const mode = enumName<UniqueRule['mode']>(option.mode, 'MODE_', 'reject');
  const heldUntil = enumName<UniqueRule['heldUntil']>(option.heldUntil, 'HELD_UNTIL_', 'over');
  const byMode = defaultWhileRunning({ mode, heldUntil });
  return {
    fields: option.fields ?? [],
    mode,
    periodMs: option.period === undefined ? undefined : milliseconds(option.period),
    heldUntil,
    whileRunning: enumName(option.whileRunning, 'WHILE_RUNNING_', byMode),
    maxWaitMs: option.maxWait === undefined ? undefined : milliseconds(option.maxWait),
    leading: option.leading ?? false,
  };
}

export function concurrencyRule(kind: string, option: ConcurrencyRuleJson): ConcurrencyRule {
  return {
    group: option.group || kind,
    fields: option.fields ?? [],
    limit: option.limit ?? 1,
    onConflict: enumName(option.onConflict, 'ON_CONFLICT_', 'block'),
    snoozeMs: option.snooze ? milliseconds(option.snooze) : 30_000,
    acrossTenants: option.acrossTenants ?? false,
  };
}

export function rateRule(option: RateRuleJson): RateRule {
  const perSecond = option.perSecond ?? 1;
  return {
    bucket: option.bucket,
    cost: option.cost ?? 1,
    perSecond,
    burst: option.burst ?? Math.max(1, Math.ceil(perSecond)),
    acrossTenants: option.acrossTenants ?? false,
  };
}

export function queueClass(option: QueueClassJson): QueueClass {
  return { queue: option.queue, weight: option.weight ?? 2, processLimit: option.processLimit };
}
