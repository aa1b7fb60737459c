import { Controller } from '@nestjs/common';
import type { ProbeCriticalRequest, ProbeLowRequest, ProbeResult } from '@roundhouse/contracts';
import type { JobContext } from '@roundhouse/jobs';
import { JobHandler } from '@roundhouse/rabbitmq';
import { setTimeout as delay } from 'node:timers/promises';

async function work({ text, work }: ProbeCriticalRequest | ProbeLowRequest, ctx: JobContext): Promise<ProbeResult> {
  if (work) await delay(work.seconds * 1000 + work.nanos / 1e6, undefined, { signal: ctx.signal });
  return { text, attempt: ctx.attempt, stepsDone: 1 };
}

@Controller()
export class ProbeCriticalHandler {
  @JobHandler('platform.probe_critical')
  handle(request: ProbeCriticalRequest, ctx: JobContext): Promise<ProbeResult> {
    return work(request, ctx);
  }
}

@Controller()
export class ProbeLowHandler {
  @JobHandler('platform.probe_low')
  handle(request: ProbeLowRequest, ctx: JobContext): Promise<ProbeResult> {
    return work(request, ctx);
  }
}
