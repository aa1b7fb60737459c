import type { JobContext } from '@roundhouse/jobs';
import type { FileStorage } from '@roundhouse/storage';
import { SheetProcess, type ExportFormatName, type RecordExport, type Written } from '@roundhouse/spreadsheets';
import type { ExportSource } from './export-sources.js';
import { exportFileKey } from './storage-keys.js';
import { inWords, TimeLeft } from './time-left.js';

export interface ExportRun {
  source: ExportSource;
  format: ExportFormatName;
  delimiter: string;
}

/** Streams records through a process that writes the file into the storage. */
export class ExportRunner {
  constructor(
    private readonly storage: FileStorage,
    private readonly reader: RecordExport,
  ) {}

  async run(
    { source, format, delimiter }: ExportRun,
    ctx: JobContext,
  ): Promise<Written & { bytes: number; storageKey: string }> {
    const storageKey = exportFileKey(ctx.tenantId, ctx.jobId);
    const total = await this.reader.count(source.query);
    const { columns, timeZone, name } = source;
    let written: Written = { rows: 0, sheets: 0 };
    const batches = counted(this.reader.batches(source.query, columns, format === 'ndjson'), total, ctx);
    const request = { type: 'write' as const, format, name, columns, delimiter, timeZone };
    const file = SheetProcess.start({ signal: ctx.signal }).write(request, batches, (done) => (written = done));
    const { bytes } = await this.storage.put(storageKey, file, { maxBytes: Number.MAX_SAFE_INTEGER });
    ctx.progress(100, `${written.rows} rows`);
    return { ...written, bytes, storageKey };
  }
}

async function* counted(batches: AsyncIterable<string>, total: number, ctx: JobContext): AsyncIterable<string> {
  const timeLeft = new TimeLeft(0);
  let rows = 0;
  for await (const batch of batches) {
    ctx.signal.throwIfAborted();
    yield batch;
    rows = Math.min(total, rows + 1_000);
    const seconds = timeLeft.seconds(rows, total);
    const left = seconds === undefined ? '' : `, about ${inWords(seconds)} left`;
    ctx.progress(total === 0 ? 99 : (rows / total) * 99, `row ${rows} of ${total}${left}`);
  }
}
