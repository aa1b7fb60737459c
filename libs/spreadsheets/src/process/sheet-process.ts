import { JobFailure } from '@roundhouse/jobs';
import { spawn, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { readFile } from 'node:fs/promises';
import { extname } from 'node:path';
import type { Duplex } from 'node:stream';
import { fileURLToPath } from 'node:url';
import { channelDescriptor } from './channel.js';
import { frame, framesOf, messageFrame, messageOf, type Frame } from './frames.js';
import type { Answer, SheetRequest, WriteRequest, Written } from './requests.js';

export interface SheetProcessOptions {
  /** Heap of the process, in MiB. @default 192 */
  heapMb?: number;
  /** Memory of the process altogether, in MiB; watched where the system has /proc. @default 640 */
  memoryMb?: number;
  /** Longest silence while an answer is awaited. @default 60 s */
  silenceMs?: number;
  signal?: AbortSignal;
}

const defaults = { heapMb: 192, memoryMb: 640, silenceMs: 60_000 };
const watchEveryMs = 200;
const pageBytes = 4096;

/** One process for one file: what a hostile file does to it, it does to nobody else. */
export class SheetProcess {
  private readonly channel: Duplex;
  private readonly exited: Promise<string>;
  private stderr = '';
  /** Why we have ended it. */
  private ended: Error | undefined;
  private readonly watch: NodeJS.Timeout;
  private silence: NodeJS.Timeout | undefined;
  private readonly options: Required<Omit<SheetProcessOptions, 'signal'>>;

  private constructor(
    private readonly child: ChildProcess,
    options: SheetProcessOptions,
  ) {
    this.options = { ...defaults, ...options };
    this.channel = child.stdio[channelDescriptor] as Duplex;
    this.channel.on('error', () => undefined); // that it is gone is what `exited` tells
    child.stderr?.on('data', (text: Buffer) => (this.stderr = (this.stderr + text.toString()).slice(-4_000)));
    this.exited = new Promise((resolve) => {
      child.once('error', (error) => resolve(error.message));
      child.once('close', (code, signal) => resolve(signal ?? `exit code ${code}`));
    });
    this.watch = setInterval(() => void this.watchMemory(), watchEveryMs).unref();
    void this.exited.then(() => clearInterval(this.watch));
    const { signal } = options;
    const abort = () => this.kill(signal!.reason as Error);
    signal?.addEventListener('abort', abort);
    void this.exited.then(() => signal?.removeEventListener('abort', abort));
    if (signal?.aborted) abort();
  }

  static start(options: SheetProcessOptions = {}): SheetProcess {
    const entry = new URL(`./main${extname(import.meta.url)}`, import.meta.url);
    const heap = `--max-old-space-size=${options.heapMb ?? defaults.heapMb}`;
    // A young generation as large as memory allows: the smaller it is, the more of a row is still in use when it is collected.
    const child = spawn(
      process.execPath,
      [heap, '--max-semi-space-size=4', ...loaderArguments(entry), fileURLToPath(entry)],
      {
        stdio: ['ignore', 'ignore', 'pipe', 'pipe'],
        // Nothing of ours: no credentials where files are read that nobody vouches for.
        env: { PATH: process.env.PATH, NODE_ENV: process.env.NODE_ENV },
      },
    );
    return new SheetProcess(child, options);
  }

  get pid(): number | undefined {
    return this.child.pid;
  }

  /** The answer to a request that has one. Throws INVALID_INPUT with the reason when the file is refused. */
  async ask<T>(request: SheetRequest): Promise<T> {
    for await (const received of this.frames(request)) return okOf<T>(received);
    throw new Error('The process ended without an answer');
  }

  /** Everything that a request brings, in order, until its end. Read no faster than it is used. */
  async *frames(request: SheetRequest): AsyncIterable<Frame> {
    this.channel.write(messageFrame(request));
    try {
      this.expectAnswer();
      for await (const received of framesOf(this.channel as AsyncIterable<Buffer>)) {
        clearTimeout(this.silence);
        if (received.type === 'end') return;
        if (received.type === 'message') throwFailure(messageOf(received));
        yield received;
        this.expectAnswer();
      }
      throw await this.reasonOfEnd();
    } catch (error) {
      // A channel that breaks tells less than why the process ended.
      throw error instanceof JobFailure ? error : await this.reasonOfEnd(error);
    } finally {
      this.close();
    }
  }

  /**
   * The bytes of a file that is written from rows.
   * @param batches JSON arrays of rows, as `WriteRequest.format` wants them
   * @param done told what was written, before the stream ends
   */
  async *write(
    request: WriteRequest,
    batches: AsyncIterable<string>,
    done: (written: Written) => void,
  ): AsyncIterable<Buffer> {
    const feeding = this.feed(batches);
    // Seen below; until then it must not count as unhandled.
    feeding.catch(() => undefined);
    for await (const received of this.frames(request)) {
      // A copy: whoever writes it may hold it longer than a frame is good.
      if (received.type === 'bytes') yield Buffer.from(received.content);
      else done(okOf<Written>(received));
    }
    await feeding;
  }

  private async feed(batches: AsyncIterable<string>): Promise<void> {
    try {
      for await (const batch of batches) await this.send(frame('bytes', Buffer.from(batch)));
      await this.send(frame('end'));
    } catch (error) {
      // Without its rows the file cannot be finished.
      this.kill(error as Error);
      throw error;
    }
  }

  private async send(bytes: Buffer): Promise<void> {
    this.expectAnswer();
    if (this.channel.write(bytes)) return;
    // Resolves when the process is gone as well: that it is, is told by the other side.
    await Promise.race([once(this.channel, 'drain').catch(() => undefined), this.exited]);
  }

  close(): void {
    clearTimeout(this.silence);
    clearInterval(this.watch);
    this.child.kill('SIGKILL');
    this.channel.destroy();
  }

  private kill(reason: Error): void {
    this.ended ??= reason;
    this.child.kill('SIGKILL');
  }

  private expectAnswer(): void {
    const { silenceMs } = this.options;
    clearTimeout(this.silence);
    this.silence = setTimeout(() => {
      this.kill(tooMuch(`The file took longer than ${silenceMs / 1000} s to read; split it, or save it as CSV`));
    }, silenceMs);
  }

  private async watchMemory(): Promise<void> {
    const facts = await readFile(`/proc/${this.child.pid}/statm`, 'latin1').catch(() => '');
    const resident = (Number(facts.split(' ')[1] ?? 0) * pageBytes) / 2 ** 20;
    if (resident > this.options.memoryMb) this.kill(this.tooMuchMemory());
  }

  private tooMuchMemory(): Error {
    return tooMuch(
      `The file needs more memory than it is given (${this.options.memoryMb} MiB); split it or save it as CSV`,
    );
  }

  private async reasonOfEnd(cause?: unknown): Promise<Error> {
    if (this.ended) return this.ended;
    const how = await this.exited;
    if (this.ended) return this.ended;
    if (/heap out of memory|invalid array length|SIGABRT/i.test(`${this.stderr} ${how}`)) return this.tooMuchMemory();
    return new Error(`The process that read the file ended with ${how}: ${this.stderr.slice(-1_000)}`, { cause });
  }
}

/** During tests the entry is a TypeScript source, which takes the loader that tests have for whole processes. */
function loaderArguments(entry: URL): string[] {
  if (!entry.pathname.endsWith('.ts')) return [];
  const loader = new URL('../../../testing/src/source-loader.mjs', import.meta.url);
  return ['--conditions=@roundhouse/source', `--import=${loader.href}`];
}

export function okOf<T>(received: Frame): T {
  return (messageOf<Answer<T>>(received) as { ok: T }).ok;
}

function throwFailure(answer: Answer<unknown>): void {
  if ('refused' in answer)
    throw new JobFailure('INVALID_INPUT', answer.refused.message, { field: answer.refused.field });
  if ('crash' in answer)
    throw new JobFailure('INTERNAL', `The file could not be read: ${answer.crash.slice(0, 2_000)}`);
}

const tooMuch = (message: string): JobFailure => new JobFailure('INVALID_INPUT', message, { field: 'file' });
