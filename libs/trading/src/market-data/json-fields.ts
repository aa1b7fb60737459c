import { JobFailure } from '@roundhouse/jobs';

export type JsonObject = Record<string, unknown>;

export function isObject(value: unknown): value is JsonObject {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

/** The object at a path of an answer, {} when there is none. */
export function objectAt(value: unknown, ...path: (string | number)[]): JsonObject {
  let at: unknown = value;
  for (const key of path) at = typeof at === 'object' && at !== null ? (at as JsonObject)[key] : undefined;
  return isObject(at) ? at : {};
}

export function listOf(value: unknown): unknown[] {
  return Array.isArray(value) ? value : [];
}

/** A provider that answers something else than it documents is as good as unavailable. */
export function unexpectedAnswer(provider: string, what: string): JobFailure {
  return new JobFailure('UNAVAILABLE', `${provider} answered without ${what}`);
}
