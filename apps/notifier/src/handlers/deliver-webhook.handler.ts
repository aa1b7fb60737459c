import { Controller } from '@nestjs/common';
import type { DeliverWebhookRequest, DeliverWebhookResult } from '@roundhouse/contracts';
import { JobFailure, type JobContext } from '@roundhouse/jobs';
import { JobHandler } from '@roundhouse/rabbitmq';
import { SecretCipher, SecretUnreadable } from '@roundhouse/secrets';
import { WebhookSender, type WebhookAnswer } from '../webhooks/webhook-sender.js';
import { signatureHeaders } from '../webhooks/webhook-signature.js';

/** Standard Webhooks: any 2xx is success, 410 means never again, everything else is tried again. */
function failureOf({ status, retryAfterMs }: WebhookAnswer): JobFailure | undefined {
  if (status >= 200 && status < 300) return undefined;
  const said = `The receiver answered HTTP ${status}`;
  if (status === 410) return new JobFailure('NOT_FOUND', `${said}: the webhook is disabled`);
  if (status === 429) return new JobFailure('RATE_LIMITED', said, { retryAfterMs });
  if (status >= 500) return new JobFailure('UNAVAILABLE', said, { retryAfterMs });
  const why = status < 400 ? '; redirects are not followed' : '';
  return new JobFailure('FAILED_PRECONDITION', `${said}${why}`, { retry: true, retryAfterMs });
}

@Controller()
export class DeliverWebhookHandler {
  constructor(
    private readonly cipher: SecretCipher,
    private readonly sender: WebhookSender,
  ) {}

  @JobHandler('platform.deliver_webhook')
  async handle(request: DeliverWebhookRequest, ctx: JobContext): Promise<DeliverWebhookResult> {
    const { webhookId, url, body } = request;
    const secrets = this.open(request, ctx.tenantId);
    // The same in every attempt, so that receivers can tell a repetition.
    const headers = signatureHeaders({ id: `msg_${ctx.jobId}`, body }, secrets, new Date());
    const answer = await this.sender.post({ url, headers, body }, ctx.signal);
    if (answer.status === 410) ctx.emit('webhook.gone', { webhookId });
    const failure = failureOf(answer);
    if (failure) throw failure;
    return { status: answer.status };
  }

  private open({ webhookId, sealedSecrets }: DeliverWebhookRequest, tenantId: string): string[] {
    try {
      return sealedSecrets.map((sealed) => this.cipher.open([tenantId, webhookId], sealed));
    } catch (cause) {
      if (!(cause instanceof SecretUnreadable)) throw cause;
      const message = `The webhook's secret is ${cause.message}; rotate it`;
      throw new JobFailure('FAILED_PRECONDITION', message, { cause, field: 'sealed_secrets' });
    }
  }
}
