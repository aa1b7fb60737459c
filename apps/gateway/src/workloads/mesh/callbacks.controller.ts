import { Body, Controller, Headers, HttpCode, Param, Post, Req } from '@nestjs/common';
import { EngineTaskStore } from '@roundhouse/mesh';
import type { FastifyRequest } from 'fastify';
import { z } from 'zod';
import { KeepRawBody, Operation, parse, parseId, Problem } from '../../platform/http/index.js';
import { JobSubmission } from '../../platform/submission/index.js';
import { isGenuine } from './callback-signature.js';
import type { MeshConfig } from './mesh-config.js';

const callbackSchema = z
  .object({
    task_id: z.string().min(1).max(200),
    sequence: z.number().int().min(1).describe('Ascends; older news than the newest changes nothing'),
    status: z.enum(['queued', 'running', 'succeeded', 'failed', 'cancelled']),
    progress: z.number().min(0).max(100).default(0),
    result_url: z.string().max(2_000).default(''),
    message: z.string().max(2_000).default(''),
  })
  .meta({ id: 'EngineCallback' });

/** What the callbacks of external engines are checked with. */
export class CallbackSecret {
  readonly value: string | undefined;
  constructor({ meshCallbackSecret }: MeshConfig) {
    this.value = meshCallbackSecret;
  }
}

@Controller('v1/mesh/callbacks')
export class CallbacksController {
  constructor(
    private readonly secret: CallbackSecret,
    private readonly tasks: EngineTaskStore,
    private readonly submission: JobSubmission,
  ) {}

  @Post(':job')
  @KeepRawBody()
  @HttpCode(202)
  @Operation({
    summary: 'News of an external engine about the task of a job, signed by Standard Webhooks 1.0.0',
    tag: 'meshes',
    scope: 'public',
    body: callbackSchema,
    status: 202,
    headers: {
      'webhook-id': 'The same for the same news',
      'webhook-timestamp': 'Seconds since 1970',
      'webhook-signature': 'v1,<base64>',
    },
    response: { description: 'It is noted; told again, it changes nothing', schema: z.object({ id: z.uuid() }) },
  })
  async receive(
    @Param('job') rawId: string,
    @Body() body: unknown,
    @Req() request: FastifyRequest,
    @Headers('webhook-id') id?: string,
    @Headers('webhook-timestamp') timestamp?: string,
    @Headers('webhook-signature') signature?: string,
  ) {
    const message = { id, timestamp, signature, body: request.rawBody ?? Buffer.alloc(0) };
    if (!this.secret.value || !isGenuine(message, this.secret.value))
      throw new Problem('unauthenticated', 'The signature is not genuine, or older than five minutes');
    const jobId = parseId(rawId);
    const news = parse(callbackSchema, body, 'body');
    const task = await this.tasks.find(jobId);
    if (!task) throw new Problem('not_found', `There is no task for job ${jobId}`);
    const payload = { job_id: jobId, ...news };
    const origin = { tenantId: task.tenantId, traceparent: request.traceparent };
    const key = { route: `mesh callback ${jobId}`, key: id! };
    const { jobIds } = await this.submission.submit({ kind: 'mesh.engine_callback', payload }, origin, key);
    return { id: jobIds[0]! };
  }
}
