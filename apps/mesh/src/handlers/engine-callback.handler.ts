import { Controller } from '@nestjs/common';
import type { EngineCallbackRequest, EngineCallbackResult } from '@roundhouse/contracts';
import type { JobContext } from '@roundhouse/jobs';
import { EngineTaskStore, type EngineTaskNews } from '@roundhouse/mesh';
import { JobHandler } from '@roundhouse/rabbitmq';

/** Notes what an external engine has told; the mesh's own job, wherever it runs, looks there. */
@Controller()
export class EngineCallbackHandler {
  constructor(private readonly tasks: EngineTaskStore) {}

  @JobHandler('mesh.engine_callback')
  async handle({ jobId, ...news }: EngineCallbackRequest, ctx: JobContext): Promise<EngineCallbackResult> {
    const status = news.status as EngineTaskNews['status'];
    return { applied: await this.tasks.apply(ctx.tenantId, jobId, { ...news, status }) };
  }
}
