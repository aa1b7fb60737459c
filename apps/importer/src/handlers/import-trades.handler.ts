import { Controller } from '@nestjs/common';
import type { ImportTradesRequest, ImportTradesResult, RowError } from '@roundhouse/contracts';
import { JobFailure, type JobContext, type Transaction } from '@roundhouse/jobs';
import { JobHandler } from '@roundhouse/rabbitmq';
import { logLine } from '@roundhouse/telemetry';
import { FillStore, ImportStore, type ImportState, type Owner } from '@roundhouse/trading';
import type { FillPage, FillWindow } from '../fills/broker.js';
import { FillSources, type OpenedSource } from '../import/fill-sources.js';
import { importWindow } from '../import/import-window.js';

const shownRowErrors = 100;

/** Imports fills page by page; what a page brings and how far the import is are one transaction. */
@Controller()
export class ImportTradesHandler {
  constructor(
    private readonly sources: FillSources,
    private readonly imports: ImportStore,
    private readonly fills: FillStore,
  ) {}

  @JobHandler('trading.import_trades')
  async handle(request: ImportTradesRequest, ctx: JobContext): Promise<ImportTradesResult> {
    const owner: Owner = { tenantId: ctx.tenantId, userId: request.userId };
    let source = await this.sources.open(owner, request.source);
    // Where an earlier attempt stored its last page. The checkpoint says the same, but may be one page behind.
    let state = await this.imports.begin(owner, ctx.jobId, source.origin);
    const window = importWindow(request, state.startedAt);
    for (;;) {
      const { done, reached } = await this.run(source, window, state, owner, ctx);
      state = reached;
      if (done) break;
      // Another run of this job has stored a page meanwhile: go on where that one stands.
      source = await this.sources.open(owner, request.source);
    }
    const rowErrors = await this.imports.rowErrors(owner.tenantId, state.id, shownRowErrors);
    refuseUselessSource(request, source, state, rowErrors);
    await this.imports.finish(owner.tenantId, state.id);
    if (state.fetched > 0) {
      ctx.followUp('trading.score_bias', { userId: request.userId, ...scoringWindow(request, window) });
    }
    return {
      importId: state.id,
      fetched: state.fetched,
      stored: state.stored,
      failed: state.failed,
      rowErrors,
      firstTradeAt: state.firstTradeAt ?? undefined,
      lastTradeAt: state.lastTradeAt ?? undefined,
    };
  }

  /** Stores pages until the source ends or another run of the job turns out to have overtaken this one. */
  private async run(
    source: OpenedSource,
    window: FillWindow,
    from: ImportState,
    owner: Owner,
    ctx: JobContext,
  ): Promise<{ done: boolean; reached: ImportState }> {
    let state = from;
    for await (const page of source.fills.pages(window, state.cursor ?? undefined, ctx.signal)) {
      ctx.signal.throwIfAborted();
      // Named by its number: whichever run stores the page after this many, it is stored once.
      const stored = await ctx.tx(`page:${state.pages}`, (tx) => this.storePage(tx, source, owner, state.id, page));
      if (!stored) return { done: false, reached: (await this.imports.find(owner.tenantId, state.id)) ?? state };
      state = stored;
      await ctx.checkpoint({ cursor: state.cursor, pages: state.pages });
      report(state, page, ctx);
    }
    return { done: true, reached: state };
  }

  private async storePage(
    tx: Transaction,
    source: OpenedSource,
    owner: Owner,
    importId: string,
    page: FillPage,
  ): Promise<ImportState> {
    const { stored } = await this.fills.upsertPage(tx, owner, source.broker, importId, page.fills);
    const times = page.fills.map((fill) => fill.at.getTime());
    return this.imports.addPage(tx, owner.tenantId, importId, {
      cursor: page.cursor,
      fetched: page.fetched,
      stored,
      rowErrors: page.rowErrors,
      firstTradeAt: times.length > 0 ? new Date(Math.min(...times)) : undefined,
      lastTradeAt: times.length > 0 ? new Date(Math.max(...times)) : undefined,
    });
  }
}

function report(state: ImportState, page: FillPage, ctx: JobContext): void {
  const percent = (page.fraction ?? 0) * 100;
  const { fetched, stored, userId } = state;
  const facts = { page: state.pages, rows: page.fetched };
  logLine(ctx.log, 'import.page_stored', facts);
  const faulty = page.rowErrors.length;
  if (faulty > 0) logLine(ctx.log, 'import.rows_faulty', { ...facts, faulty });
  ctx.progress(percent, `${fetched} trades read, ${stored} of them new`);
  ctx.emit('import.progress', { jobId: ctx.jobId, userId, percent, fetched, stored }, { immediate: true });
}

/** Bad rows do not stop an import, but one that brings nothing else is the wrong file or the wrong mapping. */
function refuseUselessSource(
  request: ImportTradesRequest,
  { name }: OpenedSource,
  { fetched, failed }: ImportState,
  [first]: RowError[],
): void {
  if (fetched > failed) return;
  if (first) {
    const what = `row ${first.row}${first.column && `, ${first.column}`}${first.value && ` "${first.value}"`}`;
    throw new JobFailure(
      'INVALID_INPUT',
      `None of the ${failed} trades of ${name} can be used. The first one, ${what}: ${first.message}`,
      { field: 'source' },
    );
  }
  if (request.source?.$case === 'file') {
    throw new JobFailure(
      'INVALID_INPUT',
      `${name} holds no trades${request.since || request.until ? ' in the window asked for' : ''}; check its format and content`,
      { field: 'file' },
    );
  }
}

/** Scoring looks at the same window; an open side stays open. */
function scoringWindow(request: ImportTradesRequest, { since, until }: FillWindow) {
  const isConnection = request.source?.$case === 'connectionId';
  return isConnection ? { since, until } : { since: request.since, until: request.until };
}
