import { z } from 'zod';
import { Problem, type FieldError } from './problem.js';
import { unstorable, type TextOptions } from './storable-input.js';

function pathOf(path: readonly PropertyKey[]): string {
  return path.reduce<string>((text, part) => {
    if (typeof part === 'number') return `${text}[${part}]`;
    return text === '' ? String(part) : `${text}.${String(part)}`;
  }, '');
}

function fieldErrors(error: z.ZodError): FieldError[] {
  return error.issues.flatMap((issue) => {
    if (issue.code === 'unrecognized_keys') {
      return issue.keys.map((key) => ({ path: pathOf([...issue.path, key]), message: 'unknown field' }));
    }
    return [{ path: pathOf(issue.path), message: issue.message }];
  });
}

export type Checked<T> = { ok: true; value: T } | { ok: false; errors: FieldError[] };

/** The value as the schema describes it, or every field at fault. */
export function check<S extends z.ZodType>(schema: S, value: unknown, options?: TextOptions): Checked<z.output<S>> {
  const errors = unstorable(value, options);
  if (errors.length > 0) return { ok: false, errors };
  const outcome = schema.safeParse(value ?? {});
  return outcome.success ? { ok: true, value: outcome.data } : { ok: false, errors: fieldErrors(outcome.error) };
}

/** The value as the schema describes it, or a problem that names every field at fault. `where` says what was read. */
export function parse<S extends z.ZodType>(
  schema: S,
  value: unknown,
  where: 'body' | 'query' | 'path',
  options?: TextOptions,
): z.output<S> {
  if (Buffer.isBuffer(value)) throw new Problem('unsupported_media_type', 'This route takes application/json');
  const checked = check(schema, value, options);
  if (checked.ok) return checked.value;
  throw invalid(where, checked.errors);
}

function invalid(where: string, errors: FieldError[]): Problem {
  const names = errors.map((e) => e.path || where).join(', ');
  return new Problem('invalid_request', `The ${where} is not valid: ${names}`, { errors });
}

/** Names and ids in a path: where routes use them as they are, they are text that can be stored. */
export function checkPath(params: unknown): void {
  const errors = unstorable(params);
  if (errors.length > 0) throw invalid('path', errors);
}

export const idSchema = z.uuid('must be a UUID');

/** A path parameter; what is not an id cannot be found. */
export function parseId(id: string): string {
  if (!idSchema.safeParse(id).success) throw new Problem('not_found', `There is nothing with id ${id.slice(0, 64)}`);
  return id.toLowerCase();
}

/** The largest that columns of integers hold. */
export const mostInteger = 2 ** 31 - 1;

export const timestampSchema = z.iso
  .datetime({ offset: true, message: 'must be a timestamp like 2026-01-31T08:00:00Z' })
  .transform((s) => new Date(s));

export const pageFields = {
  limit: z.coerce.number().int().min(1).max(500).default(50),
  cursor: z.string().min(1).max(200).optional(),
};

export const nextSchema = z.string().nullable().describe('Pass it as `cursor` for the next page; null on the last one');
