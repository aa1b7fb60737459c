import { Controller, Get, HttpCode, Param, Post, Res } from '@nestjs/common';
import type { StatusLink } from '@roundhouse/ledger';
import type { FastifyReply } from 'fastify';
import { z } from 'zod';
import { LedgerEngine } from '../engine/index.js';
import { EventStream, Operation, Problem, toProblem } from '../http/index.js';
import { sendPage, statusHeaders } from './page-headers.js';
import { sharedState, sharedStateSchema, type SharedState } from './shared-state.js';
import { StatusAccess } from './status-access.js';
import { StatusAssets } from './status-assets.js';
import { StatusFeeds, type SharedStatus } from './status-feed.js';
import { problemPage, statusPage } from './status-page.js';
import type { StatusView } from './status-view.js';

const ends: readonly string[] = ['succeeded', 'failed', 'cancelled'] satisfies StatusView['state'][];
const tag = 'status page';
const longestTimerMs = 2 ** 31 - 1;

/** The page of one job, for whoever has its link. The token in the path is the permission; there is no other. */
@Controller('status')
export class StatusPageController {
  constructor(
    private readonly access: StatusAccess,
    private readonly feeds: StatusFeeds,
    private readonly engine: LedgerEngine,
    private readonly assets: StatusAssets,
  ) {}

  @Get(':token')
  @Operation({
    summary: 'The page that shows a job to whoever has the link',
    tag,
    scope: 'public',
    response: {
      description: 'One HTML document; 404 and 410 say what is wrong with the link',
      contentType: 'text/html',
    },
  })
  async page(@Param('token') token: string, @Res() reply: FastifyReply): Promise<void> {
    try {
      const state = await this.stateOf(await this.access.open(token));
      sendPage(reply, 200, statusPage(token, state, this.assets));
    } catch (error) {
      const problem = toProblem(error);
      // What is not about the link is for the filter, which logs it.
      if (problem.status >= 500) throw error;
      sendPage(reply, problem.status, problemPage(problem.message, this.assets));
    }
  }

  @Get(':token/state')
  @Operation({
    summary: 'What the status page shows, as JSON',
    tag,
    scope: 'public',
    response: { description: 'The job as the holder of the link may see it', schema: sharedStateSchema },
  })
  async state(@Param('token') token: string, @Res({ passthrough: true }) reply: FastifyReply) {
    void reply.headers(statusHeaders);
    return this.stateOf(await this.access.open(token));
  }

  @Get(':token/events')
  @Operation({
    summary: 'Follow what the status page shows (Server-Sent Events)',
    tag,
    scope: 'public',
    response: {
      description:
        '`status` with the whole state now and whenever it changes; ends after the end of the job, or with `gone` when the link ends',
      contentType: 'text/event-stream',
    },
  })
  async events(@Param('token') token: string, @Res() reply: FastifyReply): Promise<void> {
    const link = await this.access.open(token);
    const stream = EventStream.start(reply, 'status');
    const end = (event: string) => {
      stream.send({ id: String(sent), event, data: null });
      stream.end();
    };
    let sent = 0;
    const unfollow = this.feeds.follow(shared(link), (view, revoked) => {
      if (revoked.includes(link.id)) return end('gone');
      stream.send({ id: String((sent += 1)), event: 'status', data: sharedState(view, link) });
      if (ends.includes(view.state)) end('end');
    });
    const left = link.expires_at.getTime() - Date.now();
    const expiry = setTimeout(() => end('gone'), Math.min(left, longestTimerMs));
    stream.onClose(() => {
      clearTimeout(expiry);
      unfollow();
    });
  }

  @Post(':token/cancel')
  @HttpCode(202)
  @Operation({
    summary: 'Cancel the job, where its link allows that',
    tag,
    scope: 'public',
    status: 202,
    response: {
      description: 'A waiting job is cancelled at once; a running one is told to stop',
      schema: z.object({ stopping: z.boolean() }),
    },
  })
  async cancel(@Param('token') token: string) {
    const link = await this.access.open(token);
    if (!link.may_cancel) throw new Problem('forbidden', 'This link shows the job; it does not allow to cancel it');
    const { tenantId, jobId } = shared(link);
    const answer = await this.engine.cancellation.cancel(tenantId, jobId, `status link ${link.id}`);
    if (!answer) throw noJob();
    const { state, changed, stopping } = answer;
    if (!changed && !stopping && state !== 'cancelled')
      throw new Problem('conflict', 'It is over already: there is nothing to cancel');
    return { stopping };
  }

  private async stateOf(link: StatusLink): Promise<SharedState> {
    const view = await this.feeds.read(shared(link));
    if (!view) throw noJob();
    return sharedState(view, link);
  }
}

const shared = ({ tenant_id: tenantId, job_id: jobId }: StatusLink): SharedStatus => ({ tenantId, jobId });

const noJob = () => new Problem('gone', 'What this link was about is not kept any more.');
