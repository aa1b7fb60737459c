import { amqpFields, base64Key, base64Keys, bool, integer, workerFields } from '@roundhouse/service';
import { z } from 'zod';

export const notifierConfig = z.object({
  ...amqpFields,
  ...workerFields,
  /** Opens the webhooks' secrets; the gateway seals with the same one. */
  webhookKey: base64Key(32),
  /** Keys that were in use before: messages on their way were made with them. */
  previousWebhookKeys: base64Keys(32),
  /** Lets messages go over http and to private addresses: for tests and receivers in the own network. */
  allowPrivateWebhooks: bool().default(false),
  /** Messages that are sent at once. */
  prefetch: integer(1, 2_000).default(50),
});

export type NotifierConfig = z.output<typeof notifierConfig>;
