import { Controller } from '@nestjs/common';
import type { ProbeResult, ProbeStepsRequest } from '@roundhouse/contracts';
import type { JobContext } from '@roundhouse/jobs';
import { JobHandler } from '@roundhouse/rabbitmq';
import { setTimeout as delay } from 'node:timers/promises';

@Controller()
export class ProbeStepsHandler {
  @JobHandler('platform.probe_steps')
  async handle(request: ProbeStepsRequest, ctx: JobContext): Promise<ProbeResult> {
    const { text, work, effect } = request;
    const cursors = Math.max(1, request.cursors);
    let done = 0;
    await ctx.step<number>('work', async (step) => {
      for (let cursor = step.cursor ?? 0; cursor < cursors; cursor += 1) {
        if (work) await delay(work.seconds * 1000 + work.nanos / 1e6, undefined, { signal: ctx.signal });
        if (effect) await this.effect(ctx, effect, cursor);
        done += 1;
        ctx.progress(((cursor + 1) / cursors) * 100, `cursor ${cursor + 1} of ${cursors}`);
        await step.advance(cursor + 1);
      }
    });
    return { text, attempt: ctx.attempt, stepsDone: done };
  }

  private async effect(ctx: JobContext, name: string, cursor: number): Promise<void> {
    const { jobId, attempt } = ctx;
    await ctx.tx(`cursor:${cursor}`, (tx) =>
      tx.query(`insert into probe.effects (name, step, job_id, attempt) values ($1, $2, $3, $4)`, [
        name,
        cursor,
        jobId,
        attempt,
      ]),
    );
  }
}
