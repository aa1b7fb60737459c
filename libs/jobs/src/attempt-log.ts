import type { JobLogged, LogLine } from '@roundhouse/contracts';
import { lineBytes, logLineOf, type LineMask, type LogLevel } from './log-record.js';
import type { Log } from './ports.js';

// The first line waits this long for company, unless the attempt ends before.
const intervalMs = 200;

/** What the ledger keeps of one attempt. */
export const logLimits = { lines: 1_000, bytes: 256 * 1024 } as const;
// The last tenth is for warnings and errors: what went wrong usually comes last.
const forAllLevels = 0.9;

export interface AttemptLogOptions {
  /** Takes lines to the ledger. */
  send(logged: JobLogged): void;
  /** Asked for with the first line. */
  mask(): LineMask;
}

/**
 * The log of one attempt: lines go to the process's log, and in batches to the ledger for the page of the job. Nothing is
 * sent for an attempt that says nothing.
 */
export class AttemptLog implements Log {
  private mask: LineMask | undefined;
  private pending: LogLine[] = [];
  private timer: NodeJS.Timeout | undefined;
  private lines = 0;
  private bytes = 0;
  private leftOut = 0;
  private toldLeftOut = 0;
  private parts = 0;
  private closed = false;

  constructor(
    /** The process's log. */
    readonly base: Log,
    private readonly options: AttemptLogOptions,
  ) {}

  debug(fields: object, message: string): void {
    this.base.debug(fields, message);
    if (this.base.isLevelEnabled?.('debug')) this.record('debug', fields, message);
  }

  info(fields: object, message: string): void {
    this.base.info(fields, message);
    this.record('info', fields, message);
  }

  warn(fields: object, message: string): void {
    this.base.warn(fields, message);
    this.record('warn', fields, message);
  }

  error(fields: object, message: string): void {
    this.base.error(fields, message);
    this.record('error', fields, message);
  }

  isLevelEnabled(level: LogLevel): boolean {
    return level !== 'debug' || this.base.isLevelEnabled?.('debug') === true;
  }

  /** Something that the page of the job shows and nobody needs in the process's log. */
  note(fields: object, message: string): void {
    this.record('info', fields, message);
  }

  /** Sends what is held back. Lines of a handler that goes on afterwards are in the process's log alone. */
  close(): void {
    this.flush();
    this.closed = true;
  }

  private record(level: LogLevel, fields: object, message: string): void {
    if (this.closed) return;
    const share = level === 'warn' || level === 'error' ? 1 : forAllLevels;
    if (this.lines >= logLimits.lines * share || this.bytes >= logLimits.bytes * share) return this.leaveOut();
    this.mask ??= this.options.mask();
    const line = logLineOf(level, fields, message, this.mask);
    const bytes = lineBytes(line);
    if (this.bytes + bytes > logLimits.bytes * share) return this.leaveOut();
    this.lines += 1;
    this.bytes += bytes;
    this.pending.push(line);
    this.schedule();
  }

  /** That lines are missing is told with the first one; how many, with those that follow and at the end. */
  private leaveOut(): void {
    this.leftOut += 1;
    if (this.leftOut === 1) this.schedule();
  }

  private schedule(): void {
    if (this.timer) return;
    this.timer = setTimeout(() => this.flush(), intervalMs);
    this.timer.unref();
  }

  private flush(): void {
    clearTimeout(this.timer);
    this.timer = undefined;
    if (this.closed || (this.pending.length === 0 && this.leftOut === this.toldLeftOut)) return;
    const { pending: lines, leftOut, parts: part } = this;
    this.pending = [];
    this.toldLeftOut = leftOut;
    this.parts += 1;
    this.options.send({ part, lines, leftOut });
  }
}
