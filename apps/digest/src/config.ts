import { amqpFields, databaseFields } from '@roundhouse/service';
import { marketDataFields } from '@roundhouse/trading';
import { z } from 'zod';

export const digestConfig = z.object({ ...amqpFields, ...databaseFields, ...marketDataFields });

export type DigestConfig = z.output<typeof digestConfig>;
