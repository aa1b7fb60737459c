import { amqpFields, databaseFields, durationMs, jobRuleFields } from '@roundhouse/service';
import { z } from 'zod';

export const schedulerConfig = z.object({
  ...amqpFields,
  ...databaseFields,
  ...jobRuleFields,
  /** How often the broker is asked what it holds, and how old a delivery must be to be missed there. */
  sweepInterval: durationMs({ min: 100 }).default(15_000),
  sweepPatience: durationMs({ min: 100 }).default(30_000),
});
export type SchedulerConfig = z.output<typeof schedulerConfig>;
