import { Controller, Get, Query, UseInterceptors } from '@nestjs/common';
import type { ApiKeyIdentity } from '@roundhouse/ledger';
import { RoundTripStore, type RoundTripRow } from '@roundhouse/trading';
import { z } from 'zod';
import { Identity } from '../../platform/access/index.js';
import { FailureInterceptor, nextSchema, Operation, parse } from '../../platform/http/index.js';
import { decimalSchema, symbolSchema, windowPageQuery } from './trading-fields.js';

const roundTripSchema = z
  .object({
    id: z.uuid(),
    user_id: z.string(),
    symbol: z.string(),
    direction: z.enum(['long', 'short']),
    method: z.enum(['fifo', 'average']),
    entry_trade_id: z.uuid(),
    exit_trade_id: z.uuid(),
    entry_at: z.iso.datetime(),
    exit_at: z.iso.datetime(),
    quantity: decimalSchema,
    entry_price: decimalSchema,
    exit_price: decimalSchema,
    costs: z.object({ entry: decimalSchema, exit: decimalSchema }),
    pnl: decimalSchema.describe('Net of both costs, in the currency of the trade'),
  })
  .meta({ id: 'RoundTrip' });

const roundTripsQuery = windowPageQuery.extend({ symbol: symbolSchema.optional() });

function view(trip: RoundTripRow): z.input<typeof roundTripSchema> {
  return {
    id: trip.id,
    user_id: trip.userId,
    symbol: trip.symbol,
    direction: trip.direction,
    method: trip.method,
    entry_trade_id: trip.entryFillId,
    exit_trade_id: trip.exitFillId,
    entry_at: trip.entryAt.toISOString(),
    exit_at: trip.exitAt.toISOString(),
    quantity: trip.quantity,
    entry_price: trip.entryPrice,
    exit_price: trip.exitPrice,
    costs: { entry: trip.entryCost, exit: trip.exitCost },
    pnl: trip.pnl,
  };
}

@Controller('v1/round-trips')
@UseInterceptors(FailureInterceptor)
export class RoundTripsController {
  constructor(private readonly roundTrips: RoundTripStore) {}

  @Get()
  @Operation({
    summary: "List a user's round trips, newest exit first; the window is that of the exits",
    tag: 'trading',
    scope: 'jobs:read',
    query: roundTripsQuery,
    response: { description: 'A page', schema: z.object({ round_trips: z.array(roundTripSchema), next: nextSchema }) },
  })
  async list(@Query() query: unknown, @Identity() { tenantId }: ApiKeyIdentity) {
    const { user_id: userId, limit, cursor, ...filter } = parse(roundTripsQuery, query, 'query');
    const { rows, nextCursor } = await this.roundTrips.page({ tenantId, userId }, filter, { limit, cursor });
    return { round_trips: rows.map(view), next: nextCursor ?? null };
  }
}
