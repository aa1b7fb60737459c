import { Controller } from '@nestjs/common';
import type { CancelEngineTaskRequest, CancelEngineTaskResult } from '@roundhouse/contracts';
import type { JobContext } from '@roundhouse/jobs';
import { JobHandler } from '@roundhouse/rabbitmq';
import { Engines } from '../engine/engines.js';

/** Tells an external engine that nobody waits for a task any more; tried again while it does not answer. */
@Controller()
export class CancelEngineTaskHandler {
  constructor(private readonly engines: Engines) {}

  @JobHandler('mesh.cancel_engine_task')
  async handle({ taskId }: CancelEngineTaskRequest, ctx: JobContext): Promise<CancelEngineTaskResult> {
    return { known: await this.engines.external.cancel(taskId, ctx.signal) };
  }
}
