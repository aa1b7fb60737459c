import { Body, Controller, Get, HttpCode, Param, Post, Query, Req, UseInterceptors } from '@nestjs/common';
import type { ApiKeyIdentity } from '@roundhouse/ledger';
import { RoundTripStore, SimulationStore, type Simulation } from '@roundhouse/trading';
import type { FastifyRequest } from 'fastify';
import { z } from 'zod';
import { Identity } from '../../platform/access/index.js';
import {
  FailureInterceptor,
  idSchema,
  nextSchema,
  Operation,
  parse,
  parseId,
  Problem,
} from '../../platform/http/index.js';
import { idempotencyHeader } from '../../platform/submission/index.js';
import { jobAnswerSchema, WorkloadJobs } from '../../platform/workload/index.js';
import { decimalSchema, userIdSchema, userPageQuery } from './trading-fields.js';

const simulationRequestSchema = z
  .strictObject({
    user_id: userIdSchema,
    round_trip_id: idSchema,
    horizon_days: z.number().int().min(1).max(250).default(20),
  })
  .meta({ id: 'SimulationRequest' });

const simulationSchema = z
  .object({
    id: z.uuid(),
    user_id: z.string(),
    round_trip_id: z.uuid(),
    horizon_days: z.number().int(),
    partial: z.boolean().describe('The horizon is not over yet'),
    pnl_actual: decimalSchema,
    best_alternative: z
      .string()
      .nullable()
      .describe('e.g. hold_5, atr_stop, no_trade; null when none would have brought more'),
    best_delta_pnl: decimalSchema.nullable(),
    outcome: z.unknown().describe('Every alternative and the holding curve'),
    computed_at: z.iso.datetime(),
  })
  .meta({ id: 'Simulation' });

function view(simulation: Simulation): z.input<typeof simulationSchema> {
  return {
    id: simulation.id,
    user_id: simulation.userId,
    round_trip_id: simulation.roundTripId,
    horizon_days: simulation.horizonDays,
    partial: simulation.partial,
    pnl_actual: simulation.pnlActual,
    best_alternative: simulation.bestAlternative || null,
    best_delta_pnl: simulation.bestDeltaPnl,
    outcome: simulation.outcome,
    computed_at: simulation.computedAt.toISOString(),
  };
}

@Controller('v1/simulations')
@UseInterceptors(FailureInterceptor)
export class SimulationsController {
  constructor(
    private readonly jobs: WorkloadJobs,
    private readonly roundTrips: RoundTripStore,
    private readonly simulations: SimulationStore,
  ) {}

  @Post()
  @HttpCode(202)
  @Operation({
    summary: 'Work out what a round trip would have brought under simple alternatives',
    tag: 'trading',
    scope: 'jobs:write',
    body: simulationRequestSchema,
    status: 202,
    headers: idempotencyHeader,
    response: { description: "The job; its result has the simulation's id", schema: jobAnswerSchema },
  })
  async create(@Body() body: unknown, @Identity() identity: ApiKeyIdentity, @Req() request: FastifyRequest) {
    const asked = parse(simulationRequestSchema, body, 'body');
    const owner = { tenantId: identity.tenantId, userId: asked.user_id };
    if (!(await this.roundTrips.find(owner, asked.round_trip_id))) {
      throw new Problem('not_found', `The user has no round trip ${asked.round_trip_id}`);
    }
    return this.jobs.submit('trading.simulate_simple', asked, 'POST /v1/simulations', identity, request);
  }

  @Get()
  @Operation({
    summary: "List a user's simulations, worked out last first",
    tag: 'trading',
    scope: 'jobs:read',
    query: userPageQuery,
    response: { description: 'A page', schema: z.object({ simulations: z.array(simulationSchema), next: nextSchema }) },
  })
  async list(@Query() query: unknown, @Identity() { tenantId }: ApiKeyIdentity) {
    const { user_id: userId, ...page } = parse(userPageQuery, query, 'query');
    const { rows, nextCursor } = await this.simulations.page({ tenantId, userId }, page);
    return { simulations: rows.map(view), next: nextCursor ?? null };
  }

  @Get(':id')
  @Operation({
    summary: 'Read a simulation',
    tag: 'trading',
    scope: 'jobs:read',
    response: { description: 'The simulation', schema: simulationSchema },
  })
  async read(@Param('id') id: string, @Identity() { tenantId }: ApiKeyIdentity) {
    const found = await this.simulations.find(tenantId, parseId(id));
    if (!found) throw new Problem('not_found', `There is no simulation ${id}`);
    return view(found);
  }
}
