import { z } from 'zod';

export const consoleFields = {
  /** Address of a trace, e.g. http://localhost:16686/trace/{trace_id}; the console links jobs to it. */
  traceUrl: z
    .string()
    .trim()
    .refine((text) => text === '' || (/^https?:\/\//.test(text) && text.includes('{trace_id}')), {
      error: 'an http(s) address with {trace_id} in it',
    })
    .default(''),
};

/** What the console's routes are told. */
export class ConsoleConfig {
  constructor(
    readonly version: string,
    readonly traceUrl: string,
  ) {}
}
