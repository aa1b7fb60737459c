import { Controller, Get, Query, Req, Res } from '@nestjs/common';
import { catalogue, decodeToJson, redactSensitive } from '@roundhouse/contracts';
import {
  endOfDomainEvents,
  isFeedCursor,
  readDomainEvents,
  type FeedStart,
  type ApiKeyIdentity,
  type StoredDomainEvent,
} from '@roundhouse/ledger';
import type { FastifyReply, FastifyRequest } from 'fastify';
import { DataSource } from 'typeorm';
import { z } from 'zod';
import { Follower, LedgerEngine } from '../engine/index.js';
import { Identity, StreamAccess } from '../access/index.js';
import { lastEventId, Operation, parse, Problem } from '../http/index.js';

const querySchema = z.object({
  type: z.string().max(500).optional().describe('Only events of these types, separated by commas'),
  last_event_id: z.string().max(50).optional(),
});

const pageSize = 500;

@Controller('v1/events')
export class DomainEventsController {
  constructor(
    private readonly access: StreamAccess,
    private readonly engine: LedgerEngine,
    private readonly dataSource: DataSource,
  ) {}

  @Get()
  @Operation({
    summary: 'Follow the domain events of the tenant (Server-Sent Events)',
    tag: 'events',
    scope: 'jobs:read',
    query: querySchema,
    headers: {
      'Last-Event-ID': 'Everything after that event; "0-0" for all that is kept; without it, what comes from now on',
    },
    response: {
      description: 'One event per domain event, e.g. import.progress, coach.reflect, digest.ready',
      contentType: 'text/event-stream',
    },
  })
  async follow(
    @Query() query: unknown,
    @Identity() { tenantId }: ApiKeyIdentity,
    @Req() request: FastifyRequest,
    @Res() reply: FastifyReply,
  ): Promise<void> {
    const wanted = wantedTypes(parse(querySchema, query, 'query').type);
    const received = lastEventId(request);
    if (received !== undefined && !isFeedCursor(received)) {
      throw new Problem('invalid_request', 'Last-Event-ID is not one this stream has given out');
    }
    const start: FeedStart = received === undefined ? await endOfDomainEvents(this.dataSource) : { cursor: received };
    let { cursor } = start;
    const stream = this.access.open(request, reply, 'events');
    const follower = new Follower(async () => {
      let page: StoredDomainEvent[];
      do {
        page = await readDomainEvents(this.dataSource, tenantId, cursor, { limit: pageSize, since: start.snapshot });
        for (const event of page) {
          cursor = event.cursor;
          if (!wanted || wanted.has(event.type))
            stream.send({ id: event.cursor, event: event.type, data: eventData(event) });
        }
      } while (page.length === pageSize && stream.active);
    });
    stream.onClose(this.engine.hub.subscribe(`tenant:${tenantId}`, () => follower.wake()));
    stream.onClose(() => follower.stop());
    follower.start();
  }
}

function wantedTypes(types: string | undefined): Set<string> | undefined {
  if (!types) return undefined;
  const wanted = types.split(',').map((t) => t.trim());
  const unknown = wanted.filter((type) => !catalogue.event(type));
  if (unknown.length > 0) {
    const known = catalogue.events().map((e) => e.type);
    throw new Problem('invalid_request', `There is no event type ${unknown.join(', ')}`, {
      errors: [{ path: 'type', message: `known types are ${known.join(', ')}` }],
    });
  }
  return new Set(wanted);
}

function eventData({ job_id: jobId, type, payload, at }: StoredDomainEvent) {
  const definition = catalogue.event(type);
  // An event of a newer contract is passed on by name; its body means nothing to this version.
  const body = definition ? redactSensitive(definition.bodyType, decodeToJson(definition.bodyType, payload)) : null;
  return { job_id: jobId, at: at.toISOString(), body };
}
