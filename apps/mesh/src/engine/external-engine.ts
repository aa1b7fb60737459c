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

const cancelTimeoutMs = 5_000;
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
      const sourcePath = join(order.folder, 'result');
      await this.fetch(task, await this.result(task, control), sourcePath, signal);
      const { formats } = engineSettings(order.options);
      return await this.threads.run('adopt', { sourcePath, folder: order.folder, name: order.name, formats }, control);
    } catch (error) {
      const { reason } = signal;
      const cancelled = signal.aborted && reason instanceof Interruption && reason.reason === 'cancelled';
      const late = error instanceof JobFailure && error.code === 'TIMEOUT';
      if (cancelled || late) await this.giveUp(job.jobId, task.taskId);
      throw error;
    }
  }

  /** @returns false when the engine does not know the task any more @throws JobFailure when it does not answer */
  cancel(taskId: string, signal: AbortSignal): Promise<boolean> {
    return this.client.cancel(taskId, signal);
  }

  /** The task of an earlier attempt, or a new one. */
  private async task(order: EngineOrder, { job, signal }: EngineControl): Promise<NamedTask> {
    const known = await this.tasks.find(job.jobId);
    if (isNamed(known) && !this.isSpent(known)) return known;
    const health = await this.client.health(signal);
    if (!health) return this.wait(job);
    this.name = health.name;
    this.version = health.version;
    // A task that was expected and got no name is asked for again, with the same key: the engine may have heard it the first time.
    const round = known ? known.round + Number(isNamed(known)) : 1;
    await this.tasks.expect(job.tenantId, job.jobId, round);
    const { callbackBase } = this.options;
    const callbackUrl = callbackBase && `${callbackBase.replace(/\/$/, '')}/v1/mesh/callbacks/${job.jobId}`;
    const options = decodeToJson(
      'roundhouse.mesh.v1.MeshOptions',
      MeshOptions.encode(MeshOptions.fromPartial(order.options ?? {})).finish(),
    );
    const key = job.effectKey(`task ${round}`);
    const taskId = await this.client.create(order.imagePath, options, key, callbackUrl, signal);
    return { ...(await this.tasks.made(job.jobId, round, taskId)), taskId };
  }

  /** An engine that cannot be reached now is asked again later when its job is cancelled; see `mesh.cancel_engine_task`. */
  private async giveUp(jobId: string, taskId: string): Promise<void> {
    const known = await this.client.cancel(taskId, AbortSignal.timeout(cancelTimeoutMs)).catch(() => undefined);
    if (known !== undefined) await this.tasks.close(jobId, taskId, { status: 'cancelled' });
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
  private async result({ taskId, createdAt }: NamedTask, { job, signal, onProgress }: EngineControl): Promise<string> {
    const { pollMs = 2_000, lookMs = 250 } = this.options;
    const deadline = createdAt.getTime() + this.limitMs;
    let nextPoll = Date.now() + pollMs;
    for (;;) {
      const polls = Date.now() >= nextPoll;
      const told = polls ? await this.ask(taskId, signal) : await this.told(job.jobId, taskId);
      if (polls) nextPoll = Date.now() + pollMs;
      const url = told && (await this.settled(told, job, taskId));
      if (url) return url;
      if (told && told.status !== 'queued') onProgress(told.progress / 100, 'The engine is working');
      else if (polls && !told) onProgress(0, 'The engine does not answer');
      if (Date.now() > deadline)
        throw new JobFailure('TIMEOUT', `The engine was not done within ${this.limitMs / 1000} s`, {
          field: 'options.engine',
        });
      await sleep(lookMs, undefined, { signal });
    }
  }

  private async told(jobId: string, taskId: string): Promise<EngineStatus | undefined> {
    const task = await this.tasks.find(jobId);
    return task?.taskId === taskId ? { ...task, result_url: task.resultUrl } : undefined;
  }

  /** Undefined: it does not answer, which may pass until the time is over. A task that it has forgotten has failed. */
  private async ask(taskId: string, signal: AbortSignal): Promise<EngineStatus | undefined> {
    try {
      return await this.client.status(taskId, signal);
    } catch (error) {
      signal.throwIfAborted();
      if (!(error instanceof JobFailure)) throw error;
      if (error.code === 'NOT_FOUND')
        return { status: 'failed', progress: 0, result_url: '', message: 'it does not know the task any more' };
      if (error.code === 'UNAVAILABLE' || error.code === 'RATE_LIMITED') return undefined;
      throw error;
    }
  }

  /** The URL of the result; undefined while there is none. @throws JobFailure when there will be none */
  private async settled(
    { status, result_url: url, message }: EngineStatus,
    job: EngineJob,
    taskId: string,
  ): Promise<string | undefined> {
    if (status === 'queued' || status === 'running') return undefined;
    if (status === 'succeeded' && url) {
      await this.tasks.close(job.jobId, taskId, { status, resultUrl: url, message });
      return url;
    }
    const reason = message || (status === 'succeeded' ? 'it named no result' : 'it did not say why');
    await this.tasks.close(job.jobId, taskId, { status: 'failed', message: reason });
    throw new JobFailure('INTERNAL', `The engine gave up (${status}): ${reason}`, { field: 'options.engine' });
  }

  /** URLs of results expire: an engine that is asked again may give another one. */
  private async fetch({ taskId }: NamedTask, url: string, path: string, signal: AbortSignal): Promise<void> {
    try {
      await this.client.fetchResult(url, path, signal);
    } catch (error) {
      signal.throwIfAborted();
      const now = await this.ask(taskId, signal);
      if (now?.status !== 'succeeded' || !now.result_url || now.result_url === url) throw error;
      await this.client.fetchResult(now.result_url, path, signal);
    }
  }
}

type NamedTask = EngineTask & { taskId: string };

const isNamed = (task: EngineTask | undefined): task is NamedTask => typeof task?.taskId === 'string';
