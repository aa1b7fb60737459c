import { amqpFields, databaseFields } from '@roundhouse/service';
import { z } from 'zod';

export const schedulerConfig = z.object({ ...amqpFields, ...databaseFields });
export type SchedulerConfig = z.output<typeof schedulerConfig>;
