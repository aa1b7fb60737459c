import { z } from 'zod';

/** Schemas for environment variables. Each message says what is expected and never repeats the value: it may be a secret. */

/** A TCP port; 0 lets the system choose. */
export const port = () => whole('a port number from 0 to 65535', 0, 65_535);

/** A whole number from `min` to `max`. */
export const integer = (min = 0, max = Number.MAX_SAFE_INTEGER) =>
  whole(`a whole number from ${min} to ${max}`, min, max);

function whole(expected: string, min: number, max: number) {
  return z
    .string({ error: expected })
    .trim()
    .regex(/^-?\d+$/, { error: expected })
    .transform(Number)
    .refine((n) => n >= min && n <= max, { error: expected });
}

/** A decimal number from `min` to `max`. */
export const decimal = (min: number, max: number) => {
  const expected = `a number from ${min} to ${max}`;
  return z
    .string({ error: expected })
    .trim()
    .regex(/^-?\d+(\.\d+)?$/, { error: expected })
    .transform(Number)
    .refine((n) => n >= min && n <= max, { error: expected });
};

/** An absolute URL with one of `protocols` (without the colon); kept as text. */
export const url = (protocols: readonly string[]) => {
  const expected = `a URL that starts with ${protocols.map((p) => `${p}://`).join(' or ')}`;
  return z
    .string({ error: expected })
    .trim()
    .refine(
      (text) => {
        const parsed = URL.canParse(text) ? new URL(text) : undefined;
        return parsed !== undefined && protocols.includes(parsed.protocol.slice(0, -1)) && parsed.host !== '';
      },
      { error: expected },
    );
};

/** A key of exactly `bytes` bytes in base64 (or base64url); given as bytes. */
export const base64Key = (bytes: number) => {
  const expected = `${bytes} bytes in base64 (openssl rand -base64 ${bytes})`;
  return z
    .string({ error: expected })
    .trim()
    .regex(/^[A-Za-z0-9+/_-]+={0,2}$/, { error: expected })
    .transform((text) => Buffer.from(text, 'base64'))
    .refine((key) => key.length === bytes, { error: expected });
};

/** Such keys with commas between: those that were in use before. None unless they are named. */
export const base64Keys = (bytes: number) =>
  list()
    .pipe(z.array(base64Key(bytes)))
    .default([]);

const unitMs = { ms: 1, s: 1000, m: 60_000, h: 3_600_000, d: 86_400_000 } as const;

/** `250ms`, `5s`, `2m`, `1h`, `30d`, or a bare number of milliseconds; given as milliseconds. */
export const durationMs = (limits: { min?: number; max?: number } = {}) => {
  const { min = 0, max = Number.MAX_SAFE_INTEGER } = limits;
  const range = limits.max === undefined && min === 0 ? '' : `, ${min} to ${max} ms`;
  const expected = `a duration such as 250ms, 5s, 2m, 1h or 30d${range}`;
  return z
    .string({ error: expected })
    .trim()
    .regex(/^\d+(\.\d+)?(ms|s|m|h|d)?$/, { error: expected })
    .transform((text) => Number.parseFloat(text) * unitMs[(/[a-z]+$/.exec(text)?.[0] ?? 'ms') as keyof typeof unitMs])
    .refine((ms) => ms >= min && ms <= max, { error: expected });
};

const truths = new Map([
  ...['true', 'yes', 'on', '1'].map((word) => [word, true] as const),
  ...['false', 'no', 'off', '0'].map((word) => [word, false] as const),
]);

/** true, yes, on, 1 or false, no, off, 0; in any case. */
export const bool = () => {
  const expected = 'true or false';
  return z
    .string({ error: expected })
    .trim()
    .toLowerCase()
    .refine((word) => truths.has(word), { error: expected })
    .transform((word) => truths.get(word) === true);
};

/** Values with commas between; blanks around them and empty ones are dropped. */
export const list = () =>
  z.string({ error: 'values separated by commas' }).transform((text) =>
    text
      .split(',')
      .map((part) => part.trim())
      .filter((part) => part !== ''),
  );

/** One of a closed set of words. */
export const oneOf = <const T extends readonly [string, ...string[]]>(words: T) =>
  z.enum(words, { error: `one of ${words.join(', ')}` });

/** Any text that is not empty, `expected` says what: `a folder`. */
export const text = (expected = 'a text') => z.string({ error: expected }).trim().min(1, { error: expected });

/** A secret that somebody chose: of `min` characters or more, without blanks. */
export const secret = (min: number) => {
  const expected = `at least ${min} characters without blanks (openssl rand -hex 24)`;
  return z
    .string({ error: expected })
    .trim()
    .regex(/^\S+$/, { error: expected })
    .refine((value) => value.length >= min, { error: expected });
};
