import { decodeToJson, MeshOptions } from '@roundhouse/contracts';
import { Interruption, JobFailure } from '@roundhouse/jobs';
import type { EngineTask, EngineTaskStore } from '@roundhouse/mesh';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import type { EngineClient, EngineStatus } from './engine-client.js';
import { engineSettings } from './engine-settings.js';
import type { EngineThreads } from './engine-threads.js';
import type { MadeMesh } from './made-mesh.js';
import type { EngineControl, EngineJob, EngineOrder, MeshEngine } from './mesh-engine.js';

export interface ExternalEngineOptions {
  /** The gateway's address for the engine; undefined: it is asked and does not call. */
  callbackBase?: string | undefined;
  /** @default 2 000 */
  pollMs?: number;
  /** How often it is looked whether a callback has come. @default 250 */
  lookMs?: number;
  /** From the task's creation. @default 300 000 */
  limitMs?: number;
}

const firstWaitMs = 5_000;
const longestWaitMs = 300_000;

/** An engine behind HTTP: its task is made once, followed by asking and by callbacks, and its result inspected like our own. */
export class ExternalEngine implements MeshEngine {
  name = 'external';
  version = '';

  constructor(
    private readonly client: EngineClient,
    private readonly tasks: EngineTaskStore,
    private readonly threads: EngineThreads,
    private readonly options: ExternalEngineOptions = {},
  ) {}

  async make(order: EngineOrder, control: EngineControl): Promise<MadeMesh> {
    const { job, signal } = control;
    const task = await this.task(order, control);
    try {
      const resultUrl = await this.result(task, control);
      const sourcePath = join(order.folder, 'result');
      await this.client.fetchResult(resultUrl, sourcePath, signal);
      const { formats } = engineSettings(order.options);
      const adopted = { sourcePath, folder: order.folder, name: order.name, formats };
      const made = await this.threads.run('adopt', adopted, control);
      await this.tasks.forget(job.jobId);
      return made;
    } catch (error) {
      const { reason } = signal;
      const cancelled = signal.aborted && reason instanceof Interruption && reason.reason === 'cancelled';
      const late = error instanceof JobFailure && error.code === 'TIMEOUT';
      if (cancelled || late) await this.client.cancel(task.taskId);
      throw error;
    }
  }

  /** The task of an earlier attempt, or a new one. */
  private async task(
    order: EngineOrder,
    { job, signal }: EngineControl,
  ): Promise<Pick<EngineTask, 'taskId' | 'createdAt'>> {
    const known = await this.tasks.find(job.jobId);
    if (known && !this.isSpent(known)) return known;
    const health = await this.client.health(signal);
    if (!health) return this.wait(job);
    this.name = health.name;
    this.version = health.version;
    const round = (known?.round ?? 0) + 1;
    const { callbackBase } = this.options;
    const callbackUrl = callbackBase && `${callbackBase.replace(/\/$/, '')}/v1/mesh/callbacks/${job.jobId}`;
    const options = decodeToJson(
      'roundhouse.mesh.v1.MeshOptions',
      MeshOptions.encode(MeshOptions.fromPartial(order.options ?? {})).finish(),
    );
    const taskId = await this.client.create(
      order.imagePath,
      options,
      job.effectKey(`task ${round}`),
      callbackUrl,
      signal,
    );
    await this.tasks.put(job.tenantId, job.jobId, taskId, round);
    return { taskId, createdAt: new Date() };
  }

  private isSpent({ status, createdAt }: EngineTask): boolean {
    return status === 'failed' || status === 'cancelled' || Date.now() - createdAt.getTime() > this.limitMs;
  }

  private get limitMs(): number {
    return this.options.limitMs ?? 300_000;
  }

  /** Longer every time, and without spending an attempt: the engine is not this job's fault. */
  private async wait(job: EngineJob): Promise<never> {
    const waits = job.resumeFrom<{ engineWaits?: number }>()?.engineWaits ?? 0;
    await job.checkpoint({ engineWaits: waits + 1 });
    return job.snooze(Math.min(firstWaitMs * 2 ** waits, longestWaitMs), 'The external engine cannot take work now');
  }

  /** Where the result is, as soon as the engine says so, be it asked or by itself. */
  private async result(
    { taskId, createdAt }: Pick<EngineTask, 'taskId' | 'createdAt'>,
    { job, signal, onProgress }: EngineControl,
  ): Promise<string> {
    const { pollMs = 2_000, lookMs = 250 } = this.options;
    const deadline = createdAt.getTime() + this.limitMs;
    let nextPoll = Date.now() + pollMs;
    for (;;) {
      const told = await this.tasks.find(job.jobId);
      if (told?.taskId === taskId && told.status !== 'queued') {
        const url = await this.settled({ ...told, result_url: told.resultUrl }, job);
        if (url) return url;
        onProgress(told.progress / 100, 'The engine is working');
      }
      if (Date.now() >= nextPoll) {
        const status = await this.client.status(taskId, signal);
        const url = await this.settled(status, job);
        if (url) return url;
        onProgress(status.progress / 100, 'The engine is working');
        nextPoll = Date.now() + pollMs;
      }
      if (Date.now() > deadline)
        throw new JobFailure('TIMEOUT', `The engine was not done within ${this.limitMs / 1000} s`, {
          field: 'options.engine',
        });
      await sleep(lookMs, undefined, { signal });
    }
  }

  /** The URL of the result; undefined while there is none. @throws JobFailure when there will be none */
  private async settled(
    { status, result_url: url, message }: Pick<EngineStatus, 'status' | 'result_url' | 'message'>,
    job: EngineJob,
  ): Promise<string | undefined> {
    if (status === 'queued' || status === 'running') return undefined;
    if (status === 'succeeded' && url) return url;
    await this.tasks.apply(job.tenantId, job.jobId, {
      taskId: (await this.tasks.find(job.jobId))?.taskId ?? '',
      sequence: Number.MAX_SAFE_INTEGER,
      status: 'failed',
      progress: 0,
      resultUrl: '',
      message,
    });
    throw new JobFailure('INTERNAL', `The engine gave up (${status}): ${message || 'it did not say why'}`, {
      field: 'options.engine',
    });
  }
}
