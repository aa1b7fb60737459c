import type { Provider, Type } from '@nestjs/common';
import { Webhooks } from '@roundhouse/ledger';
import { SecretCipher } from '@roundhouse/secrets';
import type { Logger } from '@roundhouse/telemetry';
import type { DataSource } from 'typeorm';
import { sealAgain } from '../access/index.js';
import type { WebhookConfig } from './webhook-config.js';
import { WebhookGuard } from './webhook-guard.js';
import { WebhooksController } from './webhooks.controller.js';

export const webhookControllers: Type[] = [WebhooksController];

const webhookCipher = ({ webhookKey, previousWebhookKeys }: WebhookConfig) =>
  new SecretCipher(webhookKey, previousWebhookKeys);

/** After a rotation of the key: what the one before has sealed is sealed with the new one, so that the old one can go. */
export async function sealWebhooksAgain(config: WebhookConfig, dataSource: DataSource, log: Logger): Promise<void> {
  const cipher = webhookCipher(config);
  const again = (owner: [string, string], secret: string) => cipher.sealAgain(owner, secret);
  await sealAgain('webhooks', log, () => new Webhooks(dataSource).sealAgain(cipher.currentKeyId, again));
}

export function webhookProviders(config: WebhookConfig, dataSource: DataSource): Provider[] {
  return [
    { provide: Webhooks, useValue: new Webhooks(dataSource) },
    { provide: SecretCipher, useValue: webhookCipher(config) },
    { provide: WebhookGuard, useValue: new WebhookGuard(config) },
  ];
}
