import { Controller } from '@nestjs/common';
import type { NoopRequest, NoopResult } from '@roundhouse/contracts';
import { JobHandler } from '@roundhouse/rabbitmq';

@Controller()
export class NoopHandler {
  @JobHandler('platform.noop')
  async handle({ text }: NoopRequest): Promise<NoopResult> {
    return { text };
  }
}
