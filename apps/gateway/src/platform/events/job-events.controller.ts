import { Controller, Get, Param, Req, Res } from '@nestjs/common';
import { finalStates, type JobState } from '@roundhouse/jobs';
import { JobReader, readHistory, type ApiKeyIdentity, type StoredHistoryEntry } from '@roundhouse/ledger';
import type { FastifyReply, FastifyRequest } from 'fastify';
import { DataSource } from 'typeorm';
import { Follower, LedgerEngine } from '../engine/index.js';
import { Identity, StreamAccess } from '../access/index.js';
import { type EventStream, lastEventId, Operation, parseId, Problem, streamQuerySchema } from '../http/index.js';
import { jobView } from '../jobs/index.js';

const cursorPattern = /^\d{1,18}$/;
const pageSize = 1_000;

@Controller('v1/jobs')
export class JobEventsController {
  constructor(
    private readonly access: StreamAccess,
    private readonly reader: JobReader,
    private readonly engine: LedgerEngine,
    private readonly dataSource: DataSource,
  ) {}

  @Get(':id/events')
  @Operation({
    summary: 'Follow a job (Server-Sent Events)',
    tag: 'jobs',
    scope: 'jobs:read',
    query: streamQuerySchema,
    headers: { 'Last-Event-ID': 'Only what happened after that event' },
    response: {
      description:
        'Everything that happened to the job and what happens next; ends after the event `end` of a finished job',
      contentType: 'text/event-stream',
    },
  })
  async follow(
    @Param('id') rawId: string,
    @Identity() { tenantId }: ApiKeyIdentity,
    @Req() request: FastifyRequest,
    @Res() reply: FastifyReply,
  ): Promise<void> {
    const id = parseId(rawId);
    if (!(await this.reader.get(tenantId, id))) throw new Problem('not_found', `There is no job ${id}`);
    const received = lastEventId(request);
    if (received !== undefined && !cursorPattern.test(received)) {
      throw new Problem('invalid_request', 'Last-Event-ID is not one this stream has given out');
    }
    const stream = this.access.open(request, reply, 'job');
    let cursor = received ?? '0';
    const follower = new Follower(async () => {
      let ended: boolean;
      do {
        // Asked first: what a job that is over has to tell is all there when its history is read afterwards.
        const over = await this.isOver(tenantId, id);
        const sent = await this.sendNew(stream, id, cursor);
        ({ cursor, ended } = sent);
        if (over) return this.end(stream, tenantId, id, cursor);
      } while (ended && stream.active);
    });
    stream.onClose(this.engine.hub.subscribe(`job:${id}`, () => follower.wake()));
    stream.onClose(() => follower.stop());
    follower.start();
  }

  /** Sends what came after the cursor; `ended`: the job's end was among it. */
  private async sendNew(stream: EventStream, id: string, after: string): Promise<{ cursor: string; ended: boolean }> {
    let cursor = after;
    let ended = false;
    let page: StoredHistoryEntry[];
    do {
      page = await readHistory(this.dataSource, [id], cursor, pageSize);
      for (const entry of page) {
        cursor = entry.id;
        stream.send({ id: entry.id, event: entry.type, data: eventData(entry) });
        ended ||= finalStates.includes(entry.type as JobState);
      }
    } while (page.length === pageSize && stream.active);
    return { cursor, ended };
  }

  private async isOver(tenantId: string, id: string): Promise<boolean> {
    const state = await this.reader.stateOf(tenantId, id);
    return state === undefined || finalStates.includes(state);
  }

  /** The whole job once more, so that a viewer needs no second request. */
  private async end(stream: EventStream, tenantId: string, id: string, cursor: string): Promise<void> {
    const job = await this.reader.get(tenantId, id);
    stream.send({ id: cursor, event: 'end', data: job ? jobView(job) : null });
    stream.end();
  }
}

function eventData({ job_id: jobId, attempt, at, detail }: StoredHistoryEntry) {
  return { job_id: jobId, attempt, at: at.toISOString(), ...detail };
}
