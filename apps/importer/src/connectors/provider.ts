import type { HttpJsonConfig } from '@roundhouse/trading';
import { JobFailure } from '@roundhouse/jobs';
import { RowProblem } from '../fills/row-problem.js';

/** What an operator may set for every provider that is asked over HTTP. */
export type ProviderHttp = Pick<HttpJsonConfig, 'allowHttp' | 'allowPrivate' | 'timeoutMs' | 'maxBytes' | 'maxWaitMs'>;

export type JsonObject = Record<string, unknown>;

/** The items of a JSON list; throws UNAVAILABLE when the answer is something else. */
export function itemsOf(provider: string, answer: unknown): unknown[] {
  if (Array.isArray(answer)) return answer;
  throw new JobFailure('UNAVAILABLE', `${provider} answered with something that is not a list of fills`);
}

export function objectOf(item: unknown): JsonObject {
  if (typeof item === 'object' && item !== null && !Array.isArray(item)) return item as JsonObject;
  throw new RowProblem(
    '',
    JSON.stringify(item).slice(0, 100),
    'The provider sent something that is not a fill; report it to the provider',
  );
}

/** A JSON string or number as text, '' for everything else. */
export function fieldText(object: JsonObject, field: string): string {
  const value = object[field];
  return typeof value === 'string' ? value : typeof value === 'number' ? String(value) : '';
}

/** How far `at` is through the window, 0 to 1. */
export function throughWindow(at: Date, { since, until }: { since: Date; until: Date }): number {
  const whole = until.getTime() - since.getTime();
  return whole > 0 ? Math.min(Math.max((at.getTime() - since.getTime()) / whole, 0), 1) : 1;
}

/** The window cut to what a provider accepts: from 1970 to tomorrow. */
export function sensibleWindow({ since, until }: { since: Date; until: Date }): { since: Date; until: Date } {
  const tomorrow = Date.now() + 24 * 3_600_000;
  return {
    since: new Date(Math.max(since.getTime(), 0)),
    until: new Date(Math.min(until.getTime(), tomorrow)),
  };
}
