import { Controller, Get, Query, UseInterceptors } from '@nestjs/common';
import type { ApiKeyIdentity } from '@roundhouse/ledger';
import { TagStore, type BiasTag } from '@roundhouse/trading';
import { z } from 'zod';
import { Identity } from '../../platform/access/index.js';
import { FailureInterceptor, nextSchema, Operation, parse } from '../../platform/http/index.js';
import { windowPageQuery } from './trading-fields.js';

const tagSchema = z
  .object({
    id: z.uuid(),
    user_id: z.string(),
    label: z.string(),
    scope: z.enum(['trade', 'window']),
    symbol: z.string().nullable(),
    trade_id: z.uuid().nullable(),
    round_trip_id: z.uuid().nullable(),
    at: z.iso.datetime(),
    confidence: z.number().describe('0 … 1; what it means stands in `method`'),
    features: z.record(z.string(), z.unknown()),
    method: z.string(),
    n: z.number().int().describe('Observations it rests on'),
    baseline: z.number().nullable().describe('What chance alone would give'),
    insight: z.string(),
  })
  .meta({ id: 'Tag' });

const tagsQuery = windowPageQuery.extend({
  label: z.string().max(50).optional(),
  scope: z.enum(['trade', 'window']).optional(),
});

function view({ userId, fillId, roundTripId, at, ...tag }: BiasTag): z.input<typeof tagSchema> {
  return { ...tag, user_id: userId, trade_id: fillId, round_trip_id: roundTripId, at: at.toISOString() };
}

@Controller('v1/tags')
@UseInterceptors(FailureInterceptor)
export class TagsController {
  constructor(private readonly tags: TagStore) {}

  @Get()
  @Operation({
    summary: "List what was found in a user's trades, newest first",
    tag: 'trading',
    scope: 'jobs:read',
    query: tagsQuery,
    response: { description: 'A page', schema: z.object({ tags: z.array(tagSchema), next: nextSchema }) },
  })
  async list(@Query() query: unknown, @Identity() { tenantId }: ApiKeyIdentity) {
    const { user_id: userId, limit, cursor, ...filter } = parse(tagsQuery, query, 'query');
    const { rows, nextCursor } = await this.tags.page({ tenantId, userId }, filter, { limit, cursor });
    return { tags: rows.map(view), next: nextCursor ?? null };
  }
}
