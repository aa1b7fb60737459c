import { Controller } from '@nestjs/common';
import type { GenerateDigestRequest, GenerateDigestResult } from '@roundhouse/contracts';
import { JobFailure, type JobContext } from '@roundhouse/jobs';
import { JobHandler } from '@roundhouse/rabbitmq';
import { logLine } from '@roundhouse/telemetry';
import {
  buildDigest,
  DigestStore,
  lastCompleteWeek,
  type Owner,
  ProfileStore,
  renderDigestHtml,
  type Week,
  weekOf,
} from '@roundhouse/trading';
import { DigestReader } from './digest-reader.js';

/** Writes the digest of a user's week; one that is there already is replaced and keeps its id. */
@Controller()
export class GenerateDigestHandler {
  constructor(
    private readonly profiles: ProfileStore,
    private readonly reader: DigestReader,
    private readonly digests: DigestStore,
  ) {}

  @JobHandler('trading.generate_digest')
  async handle(request: GenerateDigestRequest, ctx: JobContext): Promise<GenerateDigestResult> {
    const owner: Owner = { tenantId: ctx.tenantId, userId: request.userId };
    const { timeZone } = await this.profiles.get(owner);
    const week = weekFor(request.weekOf, timeZone);
    const snapshot = buildDigest(await this.reader.read(owner, week, ctx.signal));
    ctx.signal.throwIfAborted();
    ctx.progress(50, `Writing the digest of ${week.start}`);
    const html = await renderDigestHtml(snapshot);
    const { start: periodStart, end: periodEnd } = week;
    const { trades } = snapshot.statistics;
    const content = { periodStart, periodEnd, timeZone, trades, snapshot, html };
    const saved =
      (await ctx.tx('digest', (tx) => this.digests.save(tx, owner, content))) ??
      (await this.digests.findByPeriod(owner, periodStart));
    if (!saved) throw new JobFailure('INTERNAL', `The digest of ${periodStart} was stored and is not there any more`);
    const digest = { digestId: saved.id, periodStart: saved.periodStart, periodEnd: saved.periodEnd };
    logLine(ctx.log, 'digest.stored', { week: periodStart, trades: saved.trades });
    ctx.emit('digest.ready', { userId: request.userId, ...digest });
    return { ...digest, trades: saved.trades };
  }
}

function weekFor(date: string, timeZone: string): Week {
  try {
    return date === '' ? lastCompleteWeek(new Date(), timeZone) : weekOf(date, timeZone);
  } catch (cause) {
    throw new JobFailure('INVALID_INPUT', `There is no week of "${date}" in the time zone ${timeZone}`, {
      cause,
      field: 'week_of',
    });
  }
}
