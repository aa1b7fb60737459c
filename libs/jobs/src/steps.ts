import { JobFailure } from './job-failure.js';

/** Where a step stands. */
export interface StepCursor<C> {
  /** What the last `advance` of any attempt saved; undefined at the beginning. */
  readonly cursor: C | undefined;
  /**
   * Saves how far the step has come (a JSON value); here the attempt stops when its worker is stopping or its time slice
   * is over, and another attempt goes on from this cursor.
   */
  advance(cursor: C): Promise<void>;
}

interface Progress {
  done: string[];
  current?: { name: string; cursor: unknown };
}

/** What steps need of their attempt. */
interface Resumable {
  resumeFrom<T>(): T | undefined;
  checkpoint(value: unknown): Promise<void>;
  throwIfDue(): void;
  readonly log: { note(fields: object, message: string): void };
}

/** Named steps in a fixed order, remembered in the job's checkpoint (after ActiveJob::Continuation). */
export class Steps {
  private position = 0;
  private running: string | undefined;
  private loaded: Progress | undefined;

  constructor(private readonly attempt: Resumable) {}

  async run<C>(name: string, work: (step: StepCursor<C>) => Promise<void>): Promise<void> {
    const progress = this.progress();
    if (this.running !== undefined) throw misuse(`Step "${name}" was started while "${this.running}" was running`);
    const before = progress.done[this.position];
    if (before !== undefined && before !== name) {
      throw misuse(`Steps must keep their order: "${name}" came where an earlier attempt had "${before}"`);
    }
    if (before === undefined && progress.done.includes(name)) throw misuse(`There are two steps named "${name}"`);
    this.position += 1;
    if (before === name) return;
    this.attempt.throwIfDue();
    this.running = name;
    const { log } = this.attempt;
    const cursor = progress.current?.name === name ? { cursor: progress.current.cursor } : {};
    log.note({ step: name, ...cursor }, `Step "${name}" ${'cursor' in cursor ? 'resumed' : 'started'}`);
    const startedAt = performance.now();
    await work(this.cursorOf<C>(progress, name));
    log.note({ step: name, ms: Math.round(performance.now() - startedAt) }, `Step "${name}" ended`);
    this.running = undefined;
    progress.done.push(name);
    delete progress.current;
    await this.attempt.checkpoint({ steps: progress });
  }

  private cursorOf<C>(progress: Progress, name: string): StepCursor<C> {
    const { attempt } = this;
    return {
      get cursor() {
        return progress.current?.name === name ? (progress.current.cursor as C) : undefined;
      },
      async advance(cursor) {
        progress.current = { name, cursor };
        await attempt.checkpoint({ steps: progress });
        attempt.throwIfDue();
      },
    };
  }

  private progress(): Progress {
    this.loaded ??= this.attempt.resumeFrom<{ steps?: Progress }>()?.steps ?? { done: [] };
    return this.loaded;
  }
}

const misuse = (message: string): JobFailure => new JobFailure('INTERNAL', message, { retry: false });
