import { Body, Controller, HttpCode, Param, Post } from '@nestjs/common';
import type { ApiKeyIdentity, MoveAnswer } from '@roundhouse/ledger';
import { z } from 'zod';
import { LedgerEngine } from '../engine/index.js';
import { actorOf, Identity } from '../access/index.js';
import { Operation, parse, parseId, Problem } from '../http/index.js';
import { delaySecondsSchema, runAtSchema } from '../submission/index.js';

const rescheduleSchema = z
  .strictObject({ run_at: runAtSchema.optional(), delay_seconds: delaySecondsSchema.optional() })
  .refine(({ run_at, delay_seconds }) => (run_at === undefined) !== (delay_seconds === undefined), {
    path: ['run_at'],
    message: 'give either run_at or delay_seconds',
  })
  .meta({ id: 'RescheduleRequest' });

const movedSchema = z.object({ id: z.uuid(), state: z.string(), run_at: z.iso.datetime() });

/** When a job that waits is to run. */
@Controller('v1/jobs')
export class JobTimingController {
  constructor(private readonly engine: LedgerEngine) {}

  @Post(':id/reschedule')
  @HttpCode(200)
  @Operation({
    summary: 'Move a job to another time',
    tag: 'jobs',
    scope: 'jobs:write',
    body: rescheduleSchema,
    response: {
      description: 'The job waits for its new time; 409 when it runs, is over or waits for other jobs',
      schema: movedSchema,
    },
  })
  async reschedule(@Param('id') id: string, @Body() body: unknown, @Identity() identity: ApiKeyIdentity) {
    const { run_at: at, delay_seconds: delay = 0 } = parse(rescheduleSchema, body, 'body');
    const runAt = at ?? new Date(Date.now() + delay * 1000);
    const { tenantId } = identity;
    return moved(id, await this.engine.timing.reschedule(tenantId, parseId(id), runAt, actorOf(identity)));
  }

  @Post(':id/run-now')
  @HttpCode(200)
  @Operation({
    summary: 'Run a job now that waits for its time or for another try',
    tag: 'jobs',
    scope: 'jobs:write',
    response: {
      description: 'The job is queued; 409 when it runs, is over or waits for something else',
      schema: movedSchema,
    },
  })
  async runNow(@Param('id') id: string, @Identity() identity: ApiKeyIdentity) {
    return moved(id, await this.engine.timing.runNow(identity.tenantId, parseId(id), actorOf(identity)));
  }
}

function moved(id: string, answer: MoveAnswer | undefined) {
  if (!answer) throw new Problem('not_found', `There is no job ${id}`);
  if (answer.refused) throw new Problem('conflict', `The job cannot be moved: ${answer.refused}`);
  return { id, state: answer.state, run_at: answer.runAt.toISOString() };
}
