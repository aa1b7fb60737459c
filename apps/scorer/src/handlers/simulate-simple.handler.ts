import { Controller } from '@nestjs/common';
import type { SimulateSimpleRequest, SimulateSimpleResult } from '@roundhouse/contracts';
import { JobFailure, type JobContext } from '@roundhouse/jobs';
import { JobHandler } from '@roundhouse/rabbitmq';
import {
  type Alternative,
  type Bar,
  BarCache,
  FillStore,
  marketZoneOf,
  type Owner,
  roundTripOfRow,
  type RoundTripRow,
  RoundTripStore,
  type Simulation,
  SimulationStore,
  simulateWhatIf,
} from '@roundhouse/trading';
import { createHash } from 'node:crypto';

const defaultHorizonDays = 20;
/** The ATR at the entry takes about a hundred sessions to forget where it began. */
const daysBefore = 200;
const maxAgeMs = 3_600_000;

/** Works out what a round trip would have brought under the alternatives; the same question within an hour is answered from the store. */
@Controller()
export class SimulateSimpleHandler {
  constructor(
    private readonly roundTrips: RoundTripStore,
    private readonly fills: FillStore,
    private readonly bars: BarCache,
    private readonly simulations: SimulationStore,
  ) {}

  @JobHandler('trading.simulate_simple')
  async handle(request: SimulateSimpleRequest, ctx: JobContext): Promise<SimulateSimpleResult> {
    const owner: Owner = { tenantId: ctx.tenantId, userId: request.userId };
    const horizonDays = request.horizonDays || defaultHorizonDays;
    const trip = await this.roundTrips.find(owner, request.roundTripId);
    if (!trip) {
      throw new JobFailure('NOT_FOUND', `The user has no round trip ${request.roundTripId}; score the trades first`, {
        field: 'round_trip_id',
      });
    }
    const bars = await this.load(trip, horizonDays, ctx.signal);
    const key = { roundTripId: trip.id, horizonDays, barsVersion: versionOf(trip, bars) };
    const known = await this.simulations.fresh(owner, key, maxAgeMs);
    if (known) return resultOf(known, true);

    const entry = await this.fills.find(owner, trip.entryFillId);
    const marketZone = marketZoneOf(entry ? [entry.broker] : []);
    const outcome = simulateWhatIf(roundTripOfRow(trip), bars, { horizonDays, marketZone });
    const { best, partial } = outcome;
    const saved = await this.simulations.save(owner, {
      ...key,
      partial,
      pnlActual: trip.pnl,
      bestAlternative: best ? nameOf(best) : '',
      bestDeltaPnl: best && best.deltaPnl.toFixed(),
      outcome,
    });
    return resultOf(saved, false);
  }

  private async load({ symbol, entryAt }: RoundTripRow, horizonDays: number, signal: AbortSignal): Promise<Bar[]> {
    const date = (days: number) => new Date(entryAt.getTime() + days * 86_400_000).toISOString().slice(0, 10);
    // Two weeks more than the weekends take, for holidays.
    const span = { since: date(-daysBefore), until: date(Math.ceil((horizonDays * 7) / 5) + 14) };
    const bars = (await this.bars.load([symbol], span, signal)).bySymbol.get(symbol);
    if (bars && bars.at(-1)!.date >= date(-1)) return bars;
    throw new JobFailure(
      'FAILED_PRECONDITION',
      `There are no bars of ${symbol} around ${date(0)}; add them and simulate again`,
      {
        field: 'round_trip_id',
      },
    );
  }
}

/** `hold_5`, `atr_stop`: as the alternatives are called in the stored outcome. */
function nameOf({ kind, days }: Alternative): string {
  return kind === 'hold' ? `hold_${days}` : kind;
}

/** Everything the outcome rests on: the bars, and the trip, which a late fill may have changed. */
function versionOf(trip: RoundTripRow, bars: readonly Bar[]): string {
  return createHash('sha256')
    .update(JSON.stringify([trip, bars]))
    .digest('hex')
    .slice(0, 32);
}

function resultOf(simulation: Simulation, cached: boolean): SimulateSimpleResult {
  const { id, partial, pnlActual, bestAlternative, bestDeltaPnl } = simulation;
  return { simulationId: id, partial, cached, pnlActual, bestAlternative, bestDeltaPnl: bestDeltaPnl ?? '0' };
}
