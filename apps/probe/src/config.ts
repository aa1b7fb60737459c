import { amqpFields, databaseFields, integer } from '@roundhouse/service';
import { z } from 'zod';

export const probeConfig = z.object({
  ...amqpFields,
  ...databaseFields,
  /** Jobs of each queue that run at once. */
  prefetch: integer(1, 2_000).default(100),
});
