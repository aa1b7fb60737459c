import { amqpFields, databaseFields, workerFields } from '@roundhouse/service';
import { marketDataFields } from '@roundhouse/trading';
import { z } from 'zod';

export const scorerConfig = z.object({ ...amqpFields, ...workerFields, ...databaseFields, ...marketDataFields });

export type ScorerConfig = z.output<typeof scorerConfig>;
