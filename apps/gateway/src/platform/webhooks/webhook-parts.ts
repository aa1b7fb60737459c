import type { Provider, Type } from '@nestjs/common';
import { Webhooks } from '@roundhouse/ledger';
import { SecretCipher } from '@roundhouse/secrets';
import type { DataSource } from 'typeorm';
import type { EncryptionConfig } from '../access/index.js';
import { WebhookGuard, type WebhookGuardConfig } from './webhook-guard.js';
import { WebhooksController } from './webhooks.controller.js';

export const webhookControllers: Type[] = [WebhooksController];

/** The encryption key seals the secrets of webhooks; the notifier opens them with the same one. */
export function webhookProviders(config: EncryptionConfig & WebhookGuardConfig, dataSource: DataSource): Provider[] {
  const cipher = new SecretCipher(config.encryptionKey, config.previousEncryptionKeys);
  return [
    { provide: Webhooks, useValue: new Webhooks(dataSource) },
    { provide: SecretCipher, useValue: cipher },
    { provide: WebhookGuard, useValue: new WebhookGuard(config) },
  ];
}
