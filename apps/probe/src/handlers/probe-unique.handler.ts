import { Controller } from '@nestjs/common';
import type { ProbeResult, ProbeUniqueRequest } from '@roundhouse/contracts';
import type { JobContext } from '@roundhouse/jobs';
import { JobHandler } from '@roundhouse/rabbitmq';
import { setTimeout as delay } from 'node:timers/promises';

@Controller()
export class ProbeUniqueHandler {
  /** Answers its note, so that one can see whose payload was run. */
  @JobHandler('platform.probe_unique')
  async handle({ work, note }: ProbeUniqueRequest, ctx: JobContext): Promise<ProbeResult> {
    if (work) await delay(work.seconds * 1000 + work.nanos / 1e6, undefined, { signal: ctx.signal });
    return { text: note, attempt: ctx.attempt, stepsDone: 1 };
  }
}
