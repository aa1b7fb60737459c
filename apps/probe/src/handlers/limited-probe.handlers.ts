import { Controller } from '@nestjs/common';
import {
  ProbeRequest,
  type ExclusiveProbeRequest,
  type LimitedProbeRequest,
  type LimitedProbeResult,
  type YieldingProbeRequest,
} from '@roundhouse/contracts';
import type { JobContext } from '@roundhouse/jobs';
import { JobHandler } from '@roundhouse/rabbitmq';
import { ProbeHandler } from './probe.handler.js';

/** Probes with limits behave as the plain probe does. */
@Controller()
export class LimitedProbeHandlers {
  private readonly probe = new ProbeHandler();

  @JobHandler('platform.probe_limited')
  async limited(request: LimitedProbeRequest, ctx: JobContext): Promise<LimitedProbeResult> {
    return this.run(request, ctx);
  }

  @JobHandler('platform.probe_yielding')
  async yielding(request: YieldingProbeRequest, ctx: JobContext): Promise<LimitedProbeResult> {
    return this.run(request, ctx);
  }

  @JobHandler('platform.probe_exclusive')
  async exclusive(request: ExclusiveProbeRequest, ctx: JobContext): Promise<LimitedProbeResult> {
    return this.run(request, ctx);
  }

  private async run(
    { key, ...behaviour }: Partial<LimitedProbeRequest> & { key: string },
    ctx: JobContext,
  ): Promise<LimitedProbeResult> {
    await this.probe.handle(ProbeRequest.fromPartial({ text: key, ...behaviour }), ctx);
    return { key };
  }
}
