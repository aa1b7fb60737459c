import { Controller } from '@nestjs/common';
import type { RatedProbeRequest, RatedProbeResult } from '@roundhouse/contracts';
import { JobFailure, type JobContext } from '@roundhouse/jobs';
import { JobHandler } from '@roundhouse/rabbitmq';

/** Retry-After in milliseconds; undefined when the provider does not say, or says it in a way that cannot be read. */
function retryAfterMs(header: string | null): number | undefined {
  if (header === null) return undefined;
  const ms = /^\d+(\.\d+)?$/.test(header) ? Number(header) * 1000 : Date.parse(header) - Date.now();
  return Number.isFinite(ms) ? Math.max(0, ms) : undefined;
}

/** Asks a provider that has a limit, and tells the platform what it says about it. */
@Controller()
export class RatedProbeHandler {
  @JobHandler('platform.probe_rated')
  async handle({ text, providerUrl }: RatedProbeRequest, ctx: JobContext): Promise<RatedProbeResult> {
    if (providerUrl) await this.ask(providerUrl, ctx);
    return { text, attempt: ctx.attempt };
  }

  private async ask(url: string, ctx: JobContext): Promise<void> {
    const { status, ok, headers } = await this.request(url, ctx);
    if (status === 429) ctx.rateLimited(retryAfterMs(headers.get('retry-after')));
    if (!ok) throw new JobFailure('UNAVAILABLE', `The provider answered ${status}`);
    const [remaining, reset] = [headers.get('ratelimit-remaining'), headers.get('ratelimit-reset')];
    if (remaining === null || reset === null) return;
    ctx.rateFeedback({ remaining: Number(remaining), resetAfterMs: Number(reset) * 1000 });
  }

  private async request(url: string, ctx: JobContext): Promise<Response> {
    try {
      return await fetch(url, { signal: ctx.signal, headers: { 'idempotency-key': ctx.effectKey('ask') } });
    } catch (error) {
      ctx.signal.throwIfAborted();
      throw new JobFailure('UNAVAILABLE', 'The provider does not answer', { cause: error });
    }
  }
}
