import type { JobOverrides } from '@roundhouse/ledger';
import { z } from 'zod';
import { timestampSchema } from '../http/index.js';

const seconds = (max: number) => z.number().positive().max(max);

const uniqueModes = ['reject', 'return_existing', 'replace', 'debounce', 'throttle'] as const;

/** How a job is one of its kind; what is not given is as the kind says. */
export const uniqueSchema = z
  .strictObject({
    key: z
      .string()
      .min(1)
      .max(200)
      .describe(
        'Jobs of the kind with the same key are the same. Without it those with the same values of its unique fields are',
      )
      .optional(),
    mode: z
      .enum(uniqueModes)
      .describe('What becomes of a second request. reject unless the kind says otherwise')
      .optional(),
    period_seconds: seconds(366 * 86_400)
      .describe('debounce: how long the job waits; otherwise how long the key is held, also when the job is over')
      .optional(),
    while_running: z
      .enum(['replace_next', 'queue_next', 'drop'])
      .describe(
        'What becomes of a request while the job runs or waits for a retry: one job follows, with the newest payload or the first; or none',
      )
      .optional(),
    max_wait_seconds: seconds(366 * 86_400)
      .describe('debounce: no later than this after the first request')
      .optional(),
    leading: z
      .boolean()
      .describe(
        'debounce: the first job starts at once, and one more at the end of the period if there were other requests',
      )
      .optional(),
  })
  .meta({ id: 'JobUniqueness' });
export type UniqueRequest = z.output<typeof uniqueSchema>;

/** What one job may be given instead of its kind's settings. */
const jobOptionsSchema = z
  .strictObject({
    timeout_seconds: seconds(86_400).describe('Longest run of one attempt').optional(),
    deadline_seconds: seconds(366 * 86_400)
      .describe('No attempt starts later than this after run_at')
      .optional(),
    priority: z
      .int()
      .min(-100)
      .max(100)
      .describe('Higher goes first among the jobs that wait to be sent out')
      .optional(),
    unique: uniqueSchema.optional(),
    retry: z
      .strictObject({
        max_attempts: z.int().min(1).max(100).optional(),
        backoff: z.enum(['polynomial', 'exponential', 'fixed']).optional(),
        initial_seconds: seconds(86_400).optional(),
        multiplier: z.number().min(1).max(10).optional(),
        cap_seconds: seconds(7 * 86_400).optional(),
        delays_seconds: z
          .array(
            z
              .number()
              .min(0)
              .max(7 * 86_400),
          )
          .min(1)
          .max(100)
          .optional(),
      })
      .refine((retry) => retry.backoff !== 'fixed' || retry.delays_seconds !== undefined, {
        path: ['delays_seconds'],
        message: 'is required for backoff "fixed"',
      })
      .optional(),
  })
  .meta({ id: 'JobOptions' });

const mostAhead = 10 * 366 * 86_400;

/** Past times mean at once. */
export const runAtSchema = timestampSchema
  .refine((at) => at.getTime() - Date.now() <= mostAhead * 1000, 'is more than ten years ahead')
  .describe('Not to run before');
export const delaySecondsSchema = z
  .number()
  .min(0)
  .max(mostAhead)
  .describe('Not to run before so many seconds from now');

/** One job as a client asks for it. The payload is checked against the kind's message afterwards. */
export const jobRequestSchema = z
  .strictObject({
    kind: z.string('is required: the name of a job kind, e.g. "trading.import_trades"').min(1).max(100),
    payload: z.record(z.string(), z.unknown(), 'must be an object with the fields of the kind').default({}),
    run_at: runAtSchema.optional(),
    delay_seconds: delaySecondsSchema.describe('Instead of run_at: so many seconds from now').optional(),
    options: jobOptionsSchema.optional(),
  })
  .meta({ id: 'JobRequest' });
export type JobRequest = z.output<typeof jobRequestSchema>;

/** A job, and those that run one after the other once it has succeeded. */
export const jobChainSchema = jobRequestSchema
  .extend({
    then: z
      .array(jobRequestSchema)
      .max(100)
      .describe('Jobs that follow, each once the one before has succeeded; otherwise they are cancelled')
      .default([]),
  })
  .meta({ id: 'JobChain' });

export const bulkRequestSchema = z.strictObject({
  mode: z.enum(['all_or_nothing', 'per_item']).default('all_or_nothing'),
  jobs: z.array(z.unknown()).min(1, 'holds at least one job').max(1_000, 'holds at most 1000 jobs'),
});

const ms = (value: number | undefined) => (value === undefined ? undefined : Math.round(value * 1000));

export function uniqueOverride(unique: UniqueRequest): JobOverrides['unique'] {
  const { key, mode, while_running: whileRunning, leading, period_seconds: period, max_wait_seconds: maxWait } = unique;
  return { key, mode, whileRunning, leading, periodMs: ms(period), maxWaitMs: ms(maxWait) };
}

/** The options in the ledger's terms. */
export function jobOverrides({ options }: JobRequest): JobOverrides {
  const { retry } = options ?? {};
  const policy = retry && {
    maxAttempts: retry.max_attempts,
    backoff: retry.backoff,
    initialMs: ms(retry.initial_seconds),
    multiplier: retry.multiplier,
    capMs: ms(retry.cap_seconds),
    delaysMs: retry.delays_seconds?.map((delay) => Math.round(delay * 1000)),
  };
  return {
    timeoutMs: ms(options?.timeout_seconds),
    deadlineMs: ms(options?.deadline_seconds),
    priority: options?.priority,
    unique: options?.unique && uniqueOverride(options.unique),
    // Only what was given: the rest stays the kind's.
    retry: policy && Object.fromEntries(Object.entries(policy).filter(([, value]) => value !== undefined)),
  };
}

export const idempotencyKeySchema = z.string().min(1).max(255);
