import { Controller } from '@nestjs/common';
import type { ScoreBiasRequest, ScoreBiasResult } from '@roundhouse/contracts';
import { JobFailure, type JobContext } from '@roundhouse/jobs';
import { JobHandler } from '@roundhouse/rabbitmq';
import {
  BarCache,
  type DateSpan,
  FillStore,
  FindingStore,
  marketZoneOf,
  type Owner,
  ProfileStore,
  RoundTripStore,
  type StoredFill,
  TagStore,
} from '@roundhouse/trading';
import { logLine } from '@roundhouse/telemetry';
import type { ScoredFills, ScoringJob } from '../scoring/score-fills.js';
import { Scorer } from '../scoring/scorer.js';

/** The longest look back of an indicator or percentile is 252 sessions after 20 of warm-up. */
const daysBefore = 400;
/** An early exit is judged by the 10 sessions after it. */
const daysAfter = 21;
/** A first import may find thousands of tags; the most certain ones are told. */
const mostReflections = 50;
/** How often a scoring starts anew because fills were imported meanwhile. */
const mostRounds = 5;

/** The fills that were scored are not the user's fills any more. */
class FillsChanged extends Error {}

/** Looks for biases in a user's trades and keeps what it finds; scoring a window again replaces its findings. */
@Controller()
export class ScoreBiasHandler {
  constructor(
    private readonly profiles: ProfileStore,
    private readonly fills: FillStore,
    private readonly bars: BarCache,
    private readonly scorer: Scorer,
    private readonly roundTrips: RoundTripStore,
    private readonly tags: TagStore,
    private readonly findings: FindingStore,
  ) {}

  @JobHandler('trading.score_bias')
  async handle(request: ScoreBiasRequest, ctx: JobContext): Promise<ScoreBiasResult> {
    if (request.since && request.until && request.since >= request.until) {
      throw new JobFailure('INVALID_INPUT', 'since must be before until', { field: 'since' });
    }
    const scored = await this.scoreAndKeep(request, ctx);
    reflect(request.userId, scored, ctx);
    const { since, until } = request;
    const isInWindow = (at: Date) => (!since || at >= since) && (!until || at < until);
    return {
      trades: scored.trades,
      roundTrips: scored.roundTrips.filter((trip) => isInWindow(trip.exitAt)).length,
      tags: scored.tags.length,
      labels: scored.labels,
      symbolsWithoutBars: scored.symbolsWithoutBars,
    };
  }

  private async scoreAndKeep(request: ScoreBiasRequest, ctx: JobContext): Promise<ScoredFills> {
    const owner: Owner = { tenantId: ctx.tenantId, userId: request.userId };
    for (let round = 1; round <= mostRounds; round++) {
      const version = await this.fills.version(owner);
      const job = await this.load(owner, request, ctx);
      ctx.progress(40, `Scoring ${job.fills.length} trades`);
      const scored = await this.scorer.score(job, ctx.signal);
      ctx.progress(80, `Storing ${scored.tags.length} tags`);
      try {
        await this.keep(owner, request, version, scored, ctx);
        logLine(ctx.log, 'score.stored', { trades: scored.trades, tags: scored.tags.length, round });
        return scored;
      } catch (error) {
        if (!(error instanceof FillsChanged)) throw error;
        logLine(ctx.log, 'score.fills_changed', { round });
      }
    }
    throw new JobFailure(
      'UNAVAILABLE',
      "The user's trades keep changing; they are scored when the imports are through",
    );
  }

  private async load(owner: Owner, { since, until }: ScoreBiasRequest, ctx: JobContext): Promise<ScoringJob> {
    const [profile, fills] = await Promise.all([this.profiles.get(owner), this.fills.inWindow(owner)]);
    ctx.progress(10, 'Loading bars');
    const symbols = [...new Set(fills.map((fill) => fill.symbol))];
    const loaded = await this.bars.load(symbols, spanOf(fills), ctx.signal);
    const equity = profile.startingEquity;
    return {
      fills,
      bars: [...loaded.bySymbol],
      options: {
        method: profile.lotMethod,
        since: since ?? null,
        until: until ?? null,
        splits: loaded.splits.map((split) => ({ ...split, ratio: split.ratio.toFixed() })),
        meanPortfolioValue: equity === null ? null : Number(equity),
        marketZone: marketZoneOf(new Set(fills.map((fill) => fill.broker))),
      },
    };
  }

  /** One transaction: a reader never sees the round trips of one scoring with the tags of another. */
  private async keep(
    owner: Owner,
    window: ScoreBiasRequest,
    version: string,
    scored: ScoredFills,
    ctx: JobContext,
  ): Promise<void> {
    await ctx.tx('keep', async (tx) => {
      await this.roundTrips.lock(tx, owner);
      if ((await this.fills.version(owner, tx)) !== version) throw new FillsChanged();
      await this.roundTrips.replaceAll(tx, owner, scored.roundTrips);
      await this.tags.replaceWindow(tx, owner, window, scored.tags);
      await this.findings.replaceWindow(tx, owner, window, scored.findings);
      return true;
    });
  }
}

/** From long enough before the first fill to long enough after the last one. */
function spanOf(fills: readonly StoredFill[]): DateSpan {
  const day = 86_400_000;
  const date = (at: Date | undefined, days: number) =>
    new Date((at?.getTime() ?? Date.now()) + days * day).toISOString().slice(0, 10);
  return { since: date(fills[0]?.at, -daysBefore), until: date(fills.at(-1)?.at, daysAfter) };
}

function reflect(userId: string, { tags }: ScoredFills, ctx: JobContext): void {
  const told = [...tags].sort((a, b) => b.confidence - a.confidence).slice(0, mostReflections);
  for (const { id, label, scope, confidence, insight, roundTripId, fillId } of told) {
    const tradeId = roundTripId ?? fillId ?? '';
    ctx.emit('coach.reflect', { userId, tagId: id, label, scope, confidence, insight, tradeId });
  }
}
