import { amqpFields, databaseFields, integer, workerFields } from '@roundhouse/service';
import { z } from 'zod';

export const probeConfig = z.object({
  ...amqpFields,
  ...workerFields,
  ...databaseFields,
  /** Jobs of each queue that run at once. */
  prefetch: integer(1, 2_000).default(100),
});
