import { base64Key, base64Keys, bool } from '@roundhouse/service';
import type { z } from 'zod';

export const webhookFields = {
  /** Seals the secrets of webhooks; the notifier opens them with the same one. */
  webhookKey: base64Key(32),
  /** Keys that were in use before, so that what they have sealed can be sealed again. */
  previousWebhookKeys: base64Keys(32),
  /** Lets webhooks be at http: and private addresses; the notifier needs the same. For tests and the own network. */
  allowPrivateWebhooks: bool().default(false),
};

export type WebhookConfig = z.output<z.ZodObject<typeof webhookFields>>;
