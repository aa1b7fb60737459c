import { JobFailure } from '@roundhouse/jobs';
import { extname } from 'node:path';
import { Worker, type WorkerOptions } from 'node:worker_threads';
import type { OnProgress } from './made-mesh.js';
import type { TaskName, ThreadOutbound, ThreadTasks } from './thread-messages.js';

export interface EngineThreadsOptions {
  /** Tasks that run at once. */
  threads: number;
  /** Of one task. */
  timeoutMs: number;
  /** Heap of one thread, without pixels and vertices, whose number is limited otherwise. */
  heapMb: number;
  threadOptions?: WorkerOptions;
}

export interface RunOptions {
  signal: AbortSignal;
  onProgress?: OnProgress;
}

/**
 * Threads that do the heavy work, so that heartbeats and other jobs go on. A thread that takes too long, needs too much
 * memory or is cancelled is ended; the next task gets a new one.
 */
export class EngineThreads {
  private readonly idle: Worker[] = [];
  private readonly all = new Set<Worker>();
  private readonly waiting: (() => void)[] = [];
  private running = 0;

  constructor(private readonly options: EngineThreadsOptions) {}

  async run<N extends TaskName>(
    name: N,
    task: ThreadTasks[N]['task'],
    run: RunOptions,
  ): Promise<ThreadTasks[N]['answer']> {
    await this.turn(run.signal);
    try {
      const thread = this.idle.pop() ?? this.start();
      try {
        const answer = await this.answerOf(thread, run, () => thread.postMessage({ name, task }));
        this.idle.push(thread);
        return answer as ThreadTasks[N]['answer'];
      } catch (error) {
        // A failure that the thread has told leaves it as good as new.
        if (error instanceof JobFailure && error.code !== 'TIMEOUT' && this.all.has(thread)) this.idle.push(thread);
        else await this.end(thread);
        throw error;
      }
    } finally {
      this.turnIsOver();
    }
  }

  async close(): Promise<void> {
    await Promise.all([...this.all].map((thread) => this.end(thread)));
  }

  /** Resolves when a thread may be used; first come, first served. */
  private async turn(signal: AbortSignal): Promise<void> {
    signal.throwIfAborted();
    if (this.running < this.options.threads) {
      this.running += 1;
      return;
    }
    await new Promise<void>((resolve, reject) => {
      const enter = (): void => {
        signal.removeEventListener('abort', leave);
        resolve();
      };
      const leave = (): void => {
        this.waiting.splice(this.waiting.indexOf(enter), 1);
        reject(signal.reason as Error);
      };
      this.waiting.push(enter);
      signal.addEventListener('abort', leave, { once: true });
    });
  }

  /** Hands the turn on, if somebody waits for it. */
  private turnIsOver(): void {
    const next = this.waiting.shift();
    if (next) next();
    else this.running -= 1;
  }

  private start(): Worker {
    // Beside this file, and compiled exactly when this one is.
    const entry = new URL(`./engine-thread${extname(import.meta.url)}`, import.meta.url);
    const thread = new Worker(entry, {
      resourceLimits: { maxOldGenerationSizeMb: this.options.heapMb },
      ...this.options.threadOptions,
    });
    thread.unref();
    this.all.add(thread);
    thread.once('exit', () => this.all.delete(thread));
    return thread;
  }

  private async end(thread: Worker): Promise<void> {
    thread.on('error', () => undefined); // what it still says does not matter
    this.all.delete(thread);
    await thread.terminate();
  }

  private async answerOf(thread: Worker, { signal, onProgress }: RunOptions, send: () => void): Promise<unknown> {
    const { timeoutMs } = this.options;
    const listeners = new AbortController();
    let timer: NodeJS.Timeout | undefined;
    try {
      return await new Promise((resolve, reject) => {
        const onMessage = (message: ThreadOutbound): void => {
          if (message.type === 'progress') onProgress?.(message.share, message.message);
          else if (message.type === 'done') resolve(message.answer);
          else if (message.type === 'crashed') reject(message.error);
          else {
            const { code, field, retry } = message;
            reject(new JobFailure(code, message.message, { field, retry }));
          }
        };
        const onError = (error: Error & { code?: string }): void => reject(memoryFailure(error) ?? error);
        const onExit = (code: number): void => reject(new Error(`The engine's thread ended with code ${code}`));
        thread.on('message', onMessage).on('error', onError).on('exit', onExit);
        const onAbort = (): void => reject(signal.reason as Error);
        signal.addEventListener('abort', onAbort, { signal: listeners.signal });
        timer = setTimeout(
          () =>
            reject(
              new JobFailure(
                'TIMEOUT',
                `The mesh was not made within ${timeoutMs / 1000} s: use a smaller or calmer picture, or a larger max_error`,
                { retry: false },
              ),
            ),
          timeoutMs,
        );
        listeners.signal.addEventListener('abort', () => {
          thread.off('message', onMessage).off('error', onError).off('exit', onExit);
        });
        send();
      });
    } finally {
      clearTimeout(timer);
      listeners.abort();
    }
  }
}

function memoryFailure(error: Error & { code?: string }): JobFailure | undefined {
  if (error.code !== 'ERR_WORKER_OUT_OF_MEMORY') return undefined;
  return new JobFailure(
    'INVALID_INPUT',
    'The mesh needs more memory than one may have: use a smaller or calmer picture',
    {
      field: 'image',
      cause: error,
    },
  );
}
