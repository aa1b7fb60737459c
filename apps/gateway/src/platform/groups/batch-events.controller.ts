import { Controller, Get, Param, Req, Res } from '@nestjs/common';
import { BatchReader, type ApiKeyIdentity, type BatchView } from '@roundhouse/ledger';
import type { FastifyReply, FastifyRequest } from 'fastify';
import { setTimeout as delay } from 'node:timers/promises';
import { Follower, LedgerEngine } from '../engine/index.js';
import { Identity, StreamAccess } from '../access/index.js';
import { lastEventId, Operation, parseId, Problem, streamQuerySchema } from '../http/index.js';
import { batchView } from './batch-view.js';

// A batch of many jobs changes all the time; nobody sees more than this.
const restMs = 250;

const description = 'An event `progress` with the whole state now and at every change, `end` when all is over';

@Controller('v1')
export class BatchEventsController {
  constructor(
    private readonly access: StreamAccess,
    private readonly reader: BatchReader,
    private readonly engine: LedgerEngine,
  ) {}

  @Get('batches/:id/events')
  @Operation({
    summary: 'Follow a batch (Server-Sent Events)',
    tag: 'batches',
    scope: 'jobs:read',
    query: streamQuerySchema,
    response: { description, contentType: 'text/event-stream' },
  })
  async followBatch(
    @Param('id') id: string,
    @Identity() { tenantId }: ApiKeyIdentity,
    @Req() request: FastifyRequest,
    @Res() reply: FastifyReply,
  ): Promise<void> {
    await this.follow(parseId(id), reply, request, (batchId) => this.reader.get(tenantId, batchId, false));
  }

  @Get('workflows/:id/events')
  @Operation({
    summary: 'Follow a workflow (Server-Sent Events)',
    tag: 'workflows',
    scope: 'jobs:read',
    query: streamQuerySchema,
    response: { description, contentType: 'text/event-stream' },
  })
  async followWorkflow(
    @Param('id') id: string,
    @Identity() { tenantId }: ApiKeyIdentity,
    @Req() request: FastifyRequest,
    @Res() reply: FastifyReply,
  ): Promise<void> {
    await this.follow(parseId(id), reply, request, (batchId) => this.reader.get(tenantId, batchId, true));
  }

  private async follow(
    id: string,
    reply: FastifyReply,
    request: FastifyRequest,
    read: (id: string) => Promise<BatchView | undefined>,
  ): Promise<void> {
    if (!(await read(id))) throw new Problem('not_found', `There is nothing with id ${id}`);
    const stream = this.access.open(request, reply, 'batch');
    let sent = lastEventId(request);
    const follower = new Follower(async () => {
      const batch = await read(id);
      if (!batch) return stream.end(); // removed meanwhile
      const version = versionOf(batch);
      if (version !== sent) stream.send({ id: version, event: 'progress', data: batchView(batch) });
      sent = version;
      if (batch.finished_at) {
        stream.send({ id: version, event: 'end', data: batchView(batch) });
        return stream.end();
      }
      await delay(restMs, undefined, { ref: false });
    });
    // Nudges name a job's batch like a job.
    stream.onClose(this.engine.hub.subscribe(`job:${id}`, () => follower.wake()));
    stream.onClose(() => follower.stop());
    follower.start();
  }
}

/** Changes whenever anything does that a viewer sees. */
function versionOf({
  total,
  succeeded,
  dead,
  cancelled,
  running,
  sealed,
  cancel_requested_at,
  finished_at,
}: BatchView) {
  const flags = [sealed, cancel_requested_at, finished_at].map((flag) => (flag ? 1 : 0)).join('');
  return [total, succeeded, dead, cancelled, running, flags].join('-');
}
