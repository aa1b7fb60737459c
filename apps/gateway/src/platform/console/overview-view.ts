import { z } from 'zod';

const ms = z.number().nullable();
const count = z.number().int();
const counts = z.array(count);
const latencies = z.array(ms).describe('Milliseconds per step');

const seriesSchema = z.object({
  from: z.number().describe('Start of the first step, ms since 1970'),
  step_ms: z.number(),
  started: counts,
  succeeded: counts,
  failed: counts,
  dead: counts,
  muted: counts.describe('Of the dead those whose cause is muted'),
  wait_p50: latencies,
  wait_p95: latencies,
  run_p50: latencies,
  run_p95: latencies,
});

const kindSchema = z.object({
  kind: z.string(),
  title: z.string().nullable(),
  started: count,
  succeeded: count,
  failed: count,
  dead: count,
  wait_p50: ms,
  wait_p95: ms,
  run_p50: ms,
  run_p95: ms,
});

const queueSchema = z.object({
  queue: z.string(),
  queued: count,
  more: z.boolean().describe('There may be more: the queue is longer, of all tenants, than what is looked at'),
  running: count,
  blocked: count,
  later: count.describe('Scheduled, or waiting to be tried again'),
  at_broker: count
    .nullable()
    .describe('For operators: messages ready at the broker, of all tenants; null when it does not say'),
  mismatch: z.string().nullable().describe('What ledger and broker do not agree on'),
  oldest: z.iso.datetime().nullable().describe('Since when the longest waiting one is queued'),
  consumed: z.boolean().describe('Whether a live worker listens'),
  workers: count.nullable().describe('For operators: live worker processes that listen'),
  per_second: z.number().describe('Ends in the last five minutes'),
  drain_ms: ms.describe('At this pace the queue is empty then; null when nothing ends'),
  paused: z.string().nullable().describe('Who paused it and why'),
});

const workerSchema = z.object({
  id: z.string(),
  service: z.string(),
  version: z.string(),
  host: z.string(),
  pid: count,
  queues: z.array(z.string()),
  running: count,
  stopping: z.boolean(),
  seen_at: z.iso.datetime(),
  jobs: z
    .array(
      z.object({
        id: z.uuid(),
        kind: z.string(),
        attempt: count,
        since: z.iso.datetime(),
        percent: z.number().nullable(),
      }),
    )
    .describe('Jobs of this tenant that it runs'),
});

export const overviewSchema = z
  .object({
    at: z.iso.datetime().describe('As of when'),
    all_tenants: z
      .boolean()
      .describe('Whether workers and the broker are shown: what all tenants share is for operators'),
    hour: seriesSchema.describe('By minute'),
    day: seriesSchema.describe('By ten minutes'),
    kinds: z.array(kindSchema).describe('In the last hour, those with most failures first'),
    queues: z.array(queueSchema),
    cap: count.describe('Nothing is counted beyond this'),
    workers: z.array(workerSchema).describe('For operators; whether somebody listens is said with the queues'),
    buckets: z.array(
      z.object({
        name: z.string(),
        per_second: z.number(),
        burst: count,
        tokens: count,
        paused_until: z.iso.datetime().nullable(),
        waiting: count,
      }),
    ),
    slots: z.array(z.object({ name: z.string(), limit: count.nullable(), running: count, waiting: count })),
  })
  .meta({ id: 'Overview' });

export type Overview = z.input<typeof overviewSchema>;

export const queuesSchema = overviewSchema.pick({ at: true, queues: true, cap: true }).meta({ id: 'Queues' });
export const workersSchema = overviewSchema
  .pick({ at: true, all_tenants: true, workers: true })
  .extend({ queues: z.array(queueSchema.pick({ queue: true, consumed: true })) })
  .meta({ id: 'Workers' });
export type Queues = z.input<typeof queuesSchema>;
export type Workers = z.input<typeof workersSchema>;
