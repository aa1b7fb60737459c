import { extname } from 'node:path';
import { setImmediate as nextTurn } from 'node:timers/promises';
import { Worker, type WorkerOptions } from 'node:worker_threads';
import { scoreFills, type ScoredFills, type ScoringJob } from './score-fills.js';
import { slices, type ScoringInbound, type ScoringOutbound } from './scoring-messages.js';

export interface ScorerOptions {
  /** Up to this many fills are scored on the main thread: that takes less time than it blocks. @default 300 */
  inlineUpTo?: number;
  threadOptions?: WorkerOptions;
}

/** Scores without holding up the process: heartbeats and other jobs go on while a thread calculates. One scoring at a time. */
export class Scorer {
  private thread: Worker | undefined;
  private turn: Promise<unknown> = Promise.resolve();
  private readonly inlineUpTo: number;

  constructor(private readonly options: ScorerOptions = {}) {
    this.inlineUpTo = options.inlineUpTo ?? 300;
  }

  async score(job: ScoringJob, signal: AbortSignal): Promise<ScoredFills> {
    if (job.fills.length <= this.inlineUpTo) return scoreFills(job);
    const turn = this.turn.then(() => this.inThread(job, signal));
    this.turn = turn.catch(() => undefined); // the next one starts whatever became of this one
    return turn;
  }

  async close(): Promise<void> {
    const { thread } = this;
    this.thread = undefined;
    await thread?.terminate();
  }

  private async inThread(job: ScoringJob, signal: AbortSignal): Promise<ScoredFills> {
    signal.throwIfAborted();
    const thread = (this.thread ??= this.startThread());
    const answer = this.answerOf(thread, signal);
    // An abort while messages are still being sent must not count as unhandled.
    answer.catch(() => undefined);
    const send = async (message: ScoringInbound) => {
      thread.postMessage(message);
      await nextTurn();
    };
    for (const fills of slices(job.fills)) await send({ type: 'fills', fills });
    for (const bars of job.bars) await send({ type: 'bars', bars });
    await send({ type: 'score', options: job.options });
    return answer;
  }

  private startThread(): Worker {
    // Beside this file, and compiled exactly when this one is.
    const entry = new URL(`./scoring-thread${extname(import.meta.url)}`, import.meta.url);
    const thread = new Worker(entry, this.options.threadOptions);
    thread.unref();
    return thread;
  }

  /** A thread that is interrupted or fails is given up; the next scoring starts another one. */
  private async answerOf(thread: Worker, signal: AbortSignal): Promise<ScoredFills> {
    const roundTrips: ScoredFills['roundTrips'] = [];
    const tags: ScoredFills['tags'] = [];
    const listeners = new AbortController();
    try {
      return await new Promise<ScoredFills>((resolve, reject) => {
        const onMessage = (message: ScoringOutbound) => {
          if (message.type === 'roundTrips') roundTrips.push(...message.roundTrips);
          else if (message.type === 'tags') tags.push(...message.tags);
          else if (message.type === 'done') resolve({ ...message.rest, roundTrips, tags });
          else reject(message.error);
        };
        const onExit = (code: number) => reject(new Error(`The scoring thread ended with code ${code}`));
        thread.on('message', onMessage).on('error', reject).on('exit', onExit);
        const onAbort = () => reject(signal.reason as Error);
        signal.addEventListener('abort', onAbort, { signal: listeners.signal });
        listeners.signal.addEventListener('abort', () => {
          thread.off('message', onMessage).off('error', reject).off('exit', onExit);
        });
      });
    } catch (error) {
      if (this.thread === thread) this.thread = undefined;
      thread.on('error', () => undefined); // it is being ended; what it still says does not matter
      await thread.terminate();
      throw error;
    } finally {
      listeners.abort();
    }
  }
}
