import { NestFactory } from '@nestjs/core';
import type { Delivery, TransactionPort } from '@roundhouse/jobs';
import { NestLogger, setLogLevel, traceIdOf, type Logger, type LogLevel } from '@roundhouse/telemetry';
import type { WorkerOptions } from '../worker/index.js';
import { JobServer, OriginalErrorFilter, type Reach } from './job-server.js';

type NestModule = Parameters<typeof NestFactory.createMicroservice>[0];

/** What a worker's process provides; fits the start context of `runService`. */
export interface WorkerProcess {
  name: string;
  version: string;
  log: Logger;
  health: { register(name: string, check: () => unknown): unknown };
  /** @default the broker must be there */
  reach?: Reach;
  config: {
    amqpUrl: string;
    shutdownSeconds: number;
    prefetch?: number;
    timeSlice?: number;
    ackEarlyAbove?: number;
  };
}

// Of the shutdown time this much is kept for handing jobs back and reporting.
const handBackSeconds = 5;

function attemptLog(log: Logger) {
  return ({ tenantId: tenant, jobId: job_id, kind, traceparent }: Delivery, attempt: number) =>
    log.child({ tenant, job_id, kind, attempt, trace_id: traceIdOf(traceparent) });
}

/** Runs the module's `@JobHandler`s until `stop`. Resolves when the queues are being consumed. */
export async function startJobWorker(
  module: NestModule,
  { name, version, log, health, config, reach }: WorkerProcess,
  transactions?: TransactionPort,
): Promise<{ stop(): Promise<void> }> {
  const options: WorkerOptions = {
    amqpUrl: config.amqpUrl,
    service: name,
    version,
    prefetch: config.prefetch,
    timeSliceMs: config.timeSlice,
    ackEarlyAboveMs: config.ackEarlyAbove,
    finishMs: Math.max(0, config.shutdownSeconds - handBackSeconds) * 1000,
    transactions,
    log,
    attemptLog: attemptLog(log),
    onLogLevel: (level) => setLogLevel(log, level as LogLevel),
  };
  const strategy = new JobServer(options, reach);
  const logger = new NestLogger(log);
  const app = await NestFactory.createMicroservice(module, { strategy, logger, abortOnError: false });
  app.useGlobalFilters(new OriginalErrorFilter());
  await app.listen();
  health.register('broker', () => {
    if (!strategy.ready) throw new Error('not connected to the broker');
  });
  return { stop: () => app.close() };
}
