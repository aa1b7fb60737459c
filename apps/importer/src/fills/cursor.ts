import { JobFailure } from '@roundhouse/jobs';

/** A cursor carries the name of the source it belongs to, so that one of another source is refused and not misread. */
export function encodeCursor(source: string, state: object): string {
  return JSON.stringify({ source, ...state });
}

/** The state of a cursor, or undefined without one. Throws INVALID_INPUT for anything `encodeCursor(source)` did not write. */
export function decodeCursor<State>(
  source: string,
  cursor: string | undefined,
  isState: (state: Record<string, unknown>) => boolean,
): State | undefined {
  if (cursor === undefined) return undefined;
  let state: unknown;
  try {
    state = JSON.parse(cursor);
  } catch {
    state = undefined;
  }
  const fields = (typeof state === 'object' && state !== null ? state : {}) as Record<string, unknown>;
  if (fields.source !== source || !isState(fields))
    throw new JobFailure('INVALID_INPUT', `The cursor does not belong to a ${source} import; start the import anew`, {
      field: 'cursor',
    });
  return fields as State;
}

export function isCount(value: unknown): value is number {
  return Number.isSafeInteger(value) && (value as number) >= 0;
}
