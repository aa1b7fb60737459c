import { Injectable } from '@nestjs/common';
import {
  BarCache,
  Decimal,
  type DigestSources,
  fillOfRow,
  FillStore,
  FindingStore,
  marketZoneOf,
  type Owner,
  ProfileStore,
  type RoundTrip,
  roundTripOfRow,
  RoundTripStore,
  SimulationStore,
  TagStore,
  type Week,
  whatIfOfOutcome,
} from '@roundhouse/trading';

/** The digest's equity curve begins this many days before its week ends. */
const curveDays = 91;

/** Reads what a digest is built from. */
@Injectable()
export class DigestReader {
  constructor(
    private readonly profiles: ProfileStore,
    private readonly roundTrips: RoundTripStore,
    private readonly fills: FillStore,
    private readonly tags: TagStore,
    private readonly findings: FindingStore,
    private readonly simulations: SimulationStore,
    private readonly bars: BarCache,
  ) {}

  async read(owner: Owner, week: Week, signal: AbortSignal): Promise<DigestSources> {
    const [profile, rows, fills, tags, findings] = await Promise.all([
      this.profiles.get(owner),
      this.roundTrips.inWindow(owner, { until: week.until }),
      this.fills.inWindow(owner, week),
      this.tags.inWindow(owner, week),
      this.findings.latest(owner, week),
    ]);
    const roundTrips = rows.map(roundTripOfRow);
    const closed = roundTrips.filter((trip) => trip.exitAt >= week.since);
    const simulations = await this.simulations.latest(
      owner,
      closed.map((trip) => trip.id),
    );
    const marketZone = marketZoneOf(new Set(fills.map((fill) => fill.broker)));
    return {
      userId: owner.userId,
      week,
      roundTrips,
      fills: fills.map(fillOfRow),
      tags,
      findings,
      simulations: simulations.map(({ outcome }) => whatIfOfOutcome(outcome)),
      currency: profile.currency,
      barsBySymbol: await this.barsOf(closed, signal),
      startingEquity: equityBefore(roundTrips, week, profile.startingEquity),
      daysPerYear: marketZone === 'UTC' ? 365 : 252,
      marketZone,
    };
  }

  private async barsOf(trips: readonly RoundTrip[], signal: AbortSignal): Promise<DigestSources['barsBySymbol']> {
    if (trips.length === 0) return new Map();
    const date = (ms: number) => new Date(ms).toISOString().slice(0, 10);
    const since = date(Math.min(...trips.map((trip) => trip.entryAt.getTime())));
    const until = date(Math.max(...trips.map((trip) => trip.exitAt.getTime())));
    const symbols = [...new Set(trips.map((trip) => trip.symbol))];
    return (await this.bars.load(symbols, { since, until }, signal)).bySymbol;
  }
}

/** What the user began with and what was won and lost until the equity curve begins; null when the beginning is unknown. */
function equityBefore(trips: readonly RoundTrip[], week: Week, startingEquity: string | null): Decimal | null {
  if (startingEquity === null) return null;
  const begin = week.until.getTime() - curveDays * 86_400_000;
  return trips
    .filter((trip) => trip.exitAt.getTime() < begin)
    .reduce((equity, trip) => equity.plus(trip.pnl), new Decimal(startingEquity));
}
