import { Controller } from '@nestjs/common';
import { ErrorCode, ProbeRequest, type ProbeResult } from '@roundhouse/contracts';
import { JobFailure, type FailureCode, type JobContext } from '@roundhouse/jobs';
import { JobHandler } from '@roundhouse/rabbitmq';
import { setTimeout as delay } from 'node:timers/promises';

interface Position {
  done: number;
}

function failureCode(code: ErrorCode): FailureCode {
  const name = ErrorCode[code] as keyof typeof ErrorCode | undefined;
  return name === undefined || name === 'UNSPECIFIED' || name === 'UNRECOGNIZED' ? 'INTERNAL' : name;
}

function stepMs({ work }: ProbeRequest, steps: number): number {
  return work ? (work.seconds * 1000 + work.nanos / 1e6) / steps : 0;
}

@Controller()
export class ProbeHandler {
  @JobHandler('platform.probe')
  async handle(request: ProbeRequest, ctx: JobContext): Promise<ProbeResult> {
    const { text, effect, failures, crashes, ignoreInterruption } = request;
    const steps = Math.max(1, request.steps);
    const first = ctx.resumeFrom<Position>()?.done ?? 0;
    for (let done = first; done < steps; done += 1) {
      await delay(stepMs(request, steps), undefined, ignoreInterruption ? {} : { signal: ctx.signal });
      if (effect) await this.effect(ctx, effect, done);
      if (ctx.attempt <= crashes) process.kill(process.pid, 'SIGKILL');
      await ctx.checkpoint({ done: done + 1 } satisfies Position);
      ctx.progress(((done + 1) / steps) * 100, `step ${done + 1} of ${steps}`);
    }
    if (ctx.failures < failures) {
      throw new JobFailure(
        failureCode(request.failureCode),
        `Told to fail ${failures} times, this is number ${ctx.failures + 1}`,
      );
    }
    for (const followUp of request.followUps)
      ctx.followUp('platform.probe', ProbeRequest.fromPartial({ text: followUp }));
    ctx.emit('probe.done', { text });
    const texts = request.inputs.map((ref) => ctx.input(ref, 'platform.probe')?.text ?? '');
    return { text: [text, ...texts].join(' '), attempt: ctx.attempt, stepsDone: steps - first };
  }

  private async effect(ctx: JobContext, name: string, step: number): Promise<void> {
    const { jobId, attempt } = ctx;
    await ctx.tx(`step:${step}`, (tx) =>
      tx.query(`insert into probe.effects (name, step, job_id, attempt) values ($1, $2, $3, $4)`, [
        name,
        step,
        jobId,
        attempt,
      ]),
    );
  }
}
