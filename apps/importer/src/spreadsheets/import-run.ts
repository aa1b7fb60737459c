import { JobFailure, type JobContext } from '@roundhouse/jobs';
import type { FileStorage } from '@roundhouse/storage';
import {
  okOf,
  SheetProcess,
  type ImportStart,
  type ImportState,
  type RowTarget,
  type SheetImportStore,
  type StoredUpload,
  type Template,
} from '@roundhouse/spreadsheets';
import { batchOf } from './batch.js';
import type { BatchRules, BatchStore } from './batch-store.js';
import type { ImportOptions } from './import-options.js';
import { withColumns } from './target-rows.js';
import { inWords, TimeLeft } from './time-left.js';

const batchRows = 2_000;

export interface ImportRun {
  upload: StoredUpload;
  template: Template;
  options: ImportOptions;
  /** As asked for; empty and 0: looked for. */
  sheet: string;
  headerRow: number;
  mapping: Record<string, string>;
  target: RowTarget;
}

export interface ImportEnd {
  state: ImportState;
  /** With the columns that the sheet has brought. */
  target: RowTarget;
}

/** Reads a file in a process of its own and stores what it brings, from the import's cursor on. */
export class ImportRunner {
  constructor(
    private readonly storage: FileStorage,
    private readonly imports: SheetImportStore,
    private readonly batches: BatchStore,
  ) {}

  /** Runs until the end of the sheet. Begins anew at the stored cursor when another run of the job has overtaken this one. */
  async run(state: ImportState, run: ImportRun, ctx: JobContext): Promise<ImportEnd> {
    for (;;) {
      const { target, done } = await this.storage.borrow(run.upload.storageKey, (path) =>
        this.read(path, state, run, ctx),
      );
      state = (await this.imports.find(ctx.tenantId, state.id)) ?? state;
      if (done || state.status !== 'processing') return { state, target };
    }
  }

  private async read(
    path: string,
    from: ImportState,
    run: ImportRun,
    ctx: JobContext,
  ): Promise<{ target: RowTarget; done: boolean }> {
    const { upload, template, target } = run;
    const process = SheetProcess.start({ signal: ctx.signal });
    const request = {
      type: 'import' as const,
      path,
      facts: upload.facts,
      sheet: run.sheet,
      headerRow: run.headerRow,
      mapping: Object.keys(run.mapping).length > 0 ? run.mapping : undefined,
      template,
      after: from.cursorRow,
      batchRows,
      importId: from.id,
      withCells: target.withCells,
    };
    let state = from;
    let rules: BatchRules = { template, tenantId: ctx.tenantId, sheet: '', target };
    let report = (_: ImportState) => {};
    for await (const frame of process.frames(request)) {
      if (frame.type === 'message') {
        const start = okOf<ImportStart>(frame);
        const total = await this.begin(state.id, start, upload);
        state = { ...state, status: 'processing' };
        rules = { ...rules, sheet: start.sheet, target: withColumns(target, start.brought) };
        report = reporter(ctx, state.cursorRow, start.headerRow, total);
        report(state);
        continue;
      }
      const stored = await this.batches.store(state, batchOf(frame), rules);
      if (!stored) return { target, done: false };
      state = stored;
      report(state);
      ctx.signal.throwIfAborted();
      refuseTooManyFailures(state, run.options);
    }
    return { target: rules.target, done: true };
  }

  private async begin(id: string, start: ImportStart, { facts }: StoredUpload): Promise<number> {
    const rows = facts.sheets.find(({ name }) => name === start.sheet)?.rows ?? 0;
    const total = Math.max(0, rows - (facts.type === 'csv' ? start.headerRow : 1));
    await this.imports.started(id, { ...start, total });
    return total;
  }
}

function reporter(ctx: JobContext, after: number, headerRow: number, total: number): (state: ImportState) => void {
  const timeLeft = new TimeLeft(Math.max(0, after - headerRow));
  return ({ rows }) => {
    const done = Math.min(rows, total);
    const seconds = timeLeft.seconds(done, total);
    const left = seconds === undefined ? '' : `, about ${inWords(seconds)} left`;
    ctx.progress(total === 0 ? 0 : (done / total) * 99, `row ${rows} of ${Math.max(total, rows)}${left}`);
  };
}

function refuseTooManyFailures({ failed, rows, mode, dryRun }: ImportState, { maxFailedRows }: ImportOptions): void {
  if (failed <= maxFailedRows) return;
  const kept = dryRun || mode === 'all_or_nothing' ? 'nothing was stored' : 'the good rows up to there are stored';
  throw new JobFailure(
    'INVALID_INPUT',
    `Stopped at row ${rows}: more than ${maxFailedRows} rows failed; ${kept}. Is it the right file and mapping?`,
    { field: 'max_failed_rows' },
  );
}
