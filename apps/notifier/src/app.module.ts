import { Module, type DynamicModule } from '@nestjs/common';
import { SecretCipher } from '@roundhouse/secrets';
import type { NotifierConfig } from './config.js';
import { DeliverWebhookHandler } from './handlers/deliver-webhook.handler.js';
import { WebhookSender } from './webhooks/webhook-sender.js';

@Module({})
export class NotifierModule {
  static with(config: NotifierConfig): DynamicModule {
    const { allowPrivateWebhooks: open } = config;
    return {
      module: NotifierModule,
      controllers: [DeliverWebhookHandler],
      providers: [
        { provide: SecretCipher, useValue: new SecretCipher(config.webhookKey, config.previousWebhookKeys) },
        { provide: WebhookSender, useValue: new WebhookSender({ allowHttp: open, allowPrivate: open }) },
      ],
    };
  }
}
