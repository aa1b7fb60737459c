import { Controller, Get, Query, UseInterceptors } from '@nestjs/common';
import type { ApiKeyIdentity } from '@roundhouse/ledger';
import { FillStore, type StoredFill } from '@roundhouse/trading';
import { z } from 'zod';
import { Identity } from '../../platform/access/index.js';
import { FailureInterceptor, nextSchema, Operation, parse } from '../../platform/http/index.js';
import { decimalSchema, symbolSchema, windowPageQuery } from './trading-fields.js';

const tradeSchema = z
  .object({
    id: z.uuid(),
    user_id: z.string(),
    broker: z.string(),
    ext_id: z.string(),
    symbol: z.string(),
    side: z.enum(['buy', 'sell']),
    quantity: decimalSchema,
    price: decimalSchema,
    fee: decimalSchema,
    fee_currency: z.string(),
    at: z.iso.datetime(),
  })
  .meta({ id: 'Trade' });

const tradesQuery = windowPageQuery.extend({ symbol: symbolSchema.optional() });

function view(fill: StoredFill): z.input<typeof tradeSchema> {
  const { id, userId, broker, extId, symbol, side, quantity, price, fee, feeCurrency, at } = fill;
  const ids = { id, user_id: userId, broker, ext_id: extId };
  return { ...ids, symbol, side, quantity, price, fee, fee_currency: feeCurrency, at: at.toISOString() };
}

@Controller('v1/trades')
@UseInterceptors(FailureInterceptor)
export class TradesController {
  constructor(private readonly fills: FillStore) {}

  @Get()
  @Operation({
    summary: "List a user's executions, newest first",
    tag: 'trading',
    scope: 'jobs:read',
    query: tradesQuery,
    response: { description: 'A page', schema: z.object({ trades: z.array(tradeSchema), next: nextSchema }) },
  })
  async list(@Query() query: unknown, @Identity() { tenantId }: ApiKeyIdentity) {
    const { user_id: userId, limit, cursor, ...filter } = parse(tradesQuery, query, 'query');
    const { rows, nextCursor } = await this.fills.page({ tenantId, userId }, filter, { limit, cursor });
    return { trades: rows.map(view), next: nextCursor ?? null };
  }
}
