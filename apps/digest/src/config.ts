import { amqpFields, databaseFields, workerFields } from '@roundhouse/service';
import { marketDataFields } from '@roundhouse/trading';
import { z } from 'zod';

export const digestConfig = z.object({ ...amqpFields, ...workerFields, ...databaseFields, ...marketDataFields });

export type DigestConfig = z.output<typeof digestConfig>;
