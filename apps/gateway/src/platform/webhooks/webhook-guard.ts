import type { UrlGuard } from '@roundhouse/http';

export interface WebhookGuardConfig {
  /** Lets webhooks be at http: and private addresses. */
  allowPrivateWebhooks: boolean;
}

/** Which URLs a webhook may have. */
export class WebhookGuard implements UrlGuard {
  readonly allowHttp: boolean;
  readonly allowPrivate: boolean;

  constructor({ allowPrivateWebhooks }: WebhookGuardConfig) {
    this.allowHttp = allowPrivateWebhooks;
    this.allowPrivate = allowPrivateWebhooks;
  }
}
