import { Controller, Get, Req, Res } from '@nestjs/common';
import type { ApiKeyIdentity } from '@roundhouse/ledger';
import type { FastifyReply, FastifyRequest } from 'fastify';
import { Identity, StreamAccess } from '../access/index.js';
import { lastEventId, Operation, Problem, streamQuerySchema } from '../http/index.js';
import { jobSummary } from '../jobs/index.js';
import { isChangeCursor } from './change-log.js';
import { JobFeed, type JobNews } from './job-feed.js';
import { OverviewFeed } from './overview-feed.js';

@Controller('v1/console/events')
export class ConsoleEventsController {
  constructor(
    private readonly access: StreamAccess,
    private readonly feed: JobFeed,
    private readonly overviews: OverviewFeed,
  ) {}

  @Get()
  @Operation({
    summary: 'Follow what the console shows (Server-Sent Events)',
    tag: 'console',
    scope: 'jobs:view',
    query: streamQuerySchema,
    headers: { 'Last-Event-ID': 'What happened after that event comes first' },
    response: {
      description:
        '`hello`; `jobs`: jobs that arrived or changed, as in lists; `stats`: the overview; `resync`: more happened than is told one by one, read again',
      contentType: 'text/event-stream',
    },
  })
  async follow(
    @Identity() { tenantId }: ApiKeyIdentity,
    @Req() request: FastifyRequest,
    @Res() reply: FastifyReply,
  ): Promise<void> {
    const cursor = lastEventId(request);
    if (cursor !== undefined && !isChangeCursor(cursor))
      throw new Problem('invalid_request', 'Last-Event-ID is not one this stream has given out');
    const stream = this.access.open(request, reply, 'console');
    let lastId = this.feed.cursor;
    const tell = ({ cursor: id, jobs, behind }: JobNews) => {
      lastId = id;
      if (jobs.length > 0) stream.send({ id, event: 'jobs', data: { jobs: jobs.map(jobSummary) } });
      if (behind) stream.send({ id, event: 'resync', data: {} });
    };
    stream.send({ id: lastId, event: 'hello', data: {} });
    // First joined, then caught up: what happens in between is told twice rather than never.
    stream.onClose(this.feed.watch(tenantId, tell));
    stream.onClose(this.overviews.watch(tenantId, (data) => stream.send({ id: lastId, event: 'stats', data })));
    if (cursor !== undefined) tell(await this.feed.since(tenantId, cursor));
  }
}
