import { Catch, type RpcExceptionFilter } from '@nestjs/common';
import { Server, type CustomTransportStrategy } from '@nestjs/microservices';
import { catalogue } from '@roundhouse/contracts';
import type { Handler } from '@roundhouse/jobs';
import { isObservable, lastValueFrom, throwError, type Observable } from 'rxjs';
import { WorkerSession, type WorkerOptions } from '../worker/index.js';

/** Nest's default filter replaces unknown errors by "Internal server error"; the outcome needs the original. */
@Catch()
export class OriginalErrorFilter implements RpcExceptionFilter {
  catch(error: unknown): Observable<never> {
    return throwError(() => error);
  }
}

/** As the processes of services have it. */
export type Reach = <T>(server: string, attempt: () => Promise<T>) => Promise<T>;

/** Nest transport for job workers: methods marked with `@JobHandler` consume the queues of their kinds. */
export class JobServer extends Server implements CustomTransportStrategy {
  private session: WorkerSession | undefined;

  /** @param reach repeats an attempt while the broker is not there; without it the first one counts */
  constructor(
    private readonly options: WorkerOptions,
    private readonly reach: Reach = (_, attempt) => attempt(),
  ) {
    super();
  }

  get ready(): boolean {
    return this.session?.ready ?? false;
  }

  listen(callback: (error?: unknown) => void): void {
    this.start().then(() => callback(), callback);
  }

  async close(): Promise<void> {
    await this.session?.stop();
  }

  /** There are no transport events to listen to; required by Nest. */
  override on(event: string): never {
    throw new Error(`JobServer has no event ${event}`);
  }

  override unwrap<T>(): T {
    return this.session as T;
  }

  private async start(): Promise<void> {
    const handlers = new Map<string, Handler>();
    const queues = new Set<string>();
    for (const [kind, handler] of this.messageHandlers) {
      const definition = catalogue.kind(kind);
      if (!definition) throw new Error(`There is a handler for ${kind}, which is not in the contract`);
      queues.add(definition.queue);
      handlers.set(kind, async (request, context) => {
        const result: unknown = await handler(request, context);
        return isObservable(result) ? lastValueFrom(result) : result;
      });
    }
    if (handlers.size === 0) throw new Error('No @JobHandler is registered: is its controller listed in the module?');
    this.session = await this.reach('broker', () => WorkerSession.start(this.options, handlers, [...queues]));
  }
}
