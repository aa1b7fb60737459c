import { Body, Controller, Delete, Get, HttpCode, Param, Patch, Post, Query, UseInterceptors } from '@nestjs/common';
import type { ApiKeyIdentity } from '@roundhouse/ledger';
import { ConnectionStore, type Connection } from '@roundhouse/trading';
import { z } from 'zod';
import { Identity } from '../../platform/access/index.js';
import { FailureInterceptor, nextSchema, Operation, parse, parseId, Problem } from '../../platform/http/index.js';
import { anyConnectionChangeSchema, connectionChangeSchema, connectionRequestSchema } from './connection-requests.js';
import { TradingSchedules } from './trading-schedules.js';
import { userPageQuery } from './trading-fields.js';

const connectionSchema = z
  .object({
    id: z.uuid(),
    user_id: z.string(),
    broker: z.string(),
    name: z.string(),
    settings: z.record(z.string(), z.unknown()),
    created_at: z.iso.datetime(),
    updated_at: z.iso.datetime(),
  })
  .meta({ id: 'Connection' });

function view({
  id,
  userId,
  broker,
  name,
  settings,
  createdAt,
  updatedAt,
}: Connection): z.input<typeof connectionSchema> {
  const times = { created_at: createdAt.toISOString(), updated_at: updatedAt.toISOString() };
  return { id, user_id: userId, broker, name, settings, ...times };
}

const missing = (id: string) => new Problem('not_found', `There is no connection ${id}`);

/** Broker accounts. Credentials go in and never come out. */
@Controller('v1/connections')
@UseInterceptors(FailureInterceptor)
export class ConnectionsController {
  constructor(
    private readonly connections: ConnectionStore,
    private readonly schedules: TradingSchedules,
  ) {}

  @Post()
  @HttpCode(201)
  @Operation({
    summary: 'Connect a broker account',
    tag: 'trading',
    scope: 'jobs:write',
    body: connectionRequestSchema,
    status: 201,
    response: { description: 'The connection, without its credentials', schema: connectionSchema },
  })
  async create(@Body() body: unknown, @Identity() { tenantId }: ApiKeyIdentity) {
    const { user_id: userId, ...input } = parse(connectionRequestSchema, body, 'body');
    const created = await this.connections.create({ tenantId, userId }, input);
    if (!created)
      throw new Problem('conflict', `The user has a connection called ${input.name} already; change that one`);
    const owner = { tenantId, userId };
    await this.schedules.dailyImport(owner, created);
    await this.schedules.weeklyDigest(owner);
    return view(created);
  }

  @Get()
  @Operation({
    summary: "List a user's connections, newest first",
    tag: 'trading',
    scope: 'jobs:read',
    query: userPageQuery,
    response: { description: 'A page', schema: z.object({ connections: z.array(connectionSchema), next: nextSchema }) },
  })
  async list(@Query() query: unknown, @Identity() { tenantId }: ApiKeyIdentity) {
    const { user_id: userId, ...page } = parse(userPageQuery, query, 'query');
    const { rows, nextCursor } = await this.connections.page({ tenantId, userId }, page);
    return { connections: rows.map(view), next: nextCursor ?? null };
  }

  @Get(':id')
  @Operation({
    summary: 'Read a connection',
    tag: 'trading',
    scope: 'jobs:read',
    response: { description: 'The connection', schema: connectionSchema },
  })
  async read(@Param('id') id: string, @Identity() { tenantId }: ApiKeyIdentity) {
    return view(await this.find(tenantId, id));
  }

  @Patch(':id')
  @Operation({
    summary: 'Rename a connection, or replace its settings or credentials',
    tag: 'trading',
    scope: 'jobs:write',
    body: anyConnectionChangeSchema,
    response: { description: 'The connection', schema: connectionSchema },
  })
  async change(@Param('id') id: string, @Body() body: unknown, @Identity() { tenantId }: ApiKeyIdentity) {
    const connection = await this.find(tenantId, id);
    const change = parse(connectionChangeSchema(connection.broker), body, 'body');
    const changed = await this.connections.update(tenantId, connection.id, change);
    if (!changed) throw missing(id);
    return view(changed);
  }

  @Delete(':id')
  @HttpCode(204)
  @Operation({
    summary: 'Forget a connection and its credentials; trades imported through it stay',
    tag: 'trading',
    scope: 'jobs:write',
    status: 204,
    response: { description: 'It is gone' },
  })
  async remove(@Param('id') id: string, @Identity() { tenantId }: ApiKeyIdentity): Promise<void> {
    if (!(await this.connections.remove(tenantId, parseId(id)))) throw missing(id);
    await this.schedules.noMoreImports(tenantId, parseId(id));
  }

  private async find(tenantId: string, id: string): Promise<Connection> {
    const found = await this.connections.find(tenantId, parseId(id));
    if (!found) throw missing(id);
    return found;
  }
}
