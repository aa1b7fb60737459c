import type { Provider } from '@nestjs/common';
import type { UrlGuard } from '@roundhouse/http';
import { Webhooks } from '@roundhouse/ledger';
import { SecretCipher } from '@roundhouse/secrets';
import type { DataSource } from 'typeorm';

export interface WebhookConfig {
  /** Seals the secrets of webhooks; the notifier opens them with the same one. */
  encryptionKey: Buffer;
  previousEncryptionKeys: Buffer[];
  /** Lets webhooks be at http: and private addresses. */
  allowPrivateWebhooks: boolean;
}

/** Which URLs a webhook may have. */
export class WebhookGuard implements UrlGuard {
  readonly allowHttp: boolean;
  readonly allowPrivate: boolean;

  constructor({ allowPrivateWebhooks }: WebhookConfig) {
    this.allowHttp = allowPrivateWebhooks;
    this.allowPrivate = allowPrivateWebhooks;
  }
}

export function webhookProviders(config: WebhookConfig, dataSource: DataSource): Provider[] {
  const cipher = new SecretCipher(config.encryptionKey, config.previousEncryptionKeys);
  return [
    { provide: Webhooks, useValue: new Webhooks(dataSource) },
    { provide: SecretCipher, useValue: cipher },
    { provide: WebhookGuard, useValue: new WebhookGuard(config) },
  ];
}
