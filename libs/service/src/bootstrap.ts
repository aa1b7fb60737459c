import {
  createLogger,
  logLine,
  startTelemetry,
  type Logger,
  type LogLevel,
  type Telemetry,
} from '@roundhouse/telemetry';
import { z } from 'zod';
import { processFields, type ProcessConfig } from './config-fields.js';
import { ConfigError, loadConfig } from './config.js';
import { HealthChecks } from './health-checks.js';
import { startHealthServer, type HealthServer } from './health-server.js';
import { watchProcess } from './process-metrics.js';
import { Signals } from './signals.js';

/** sysexits.h: the environment has to be corrected; starting again does not help. */
export const EX_CONFIG = 78;
const FLUSH_DEADLINE_MS = 3000;
const STOP_MARGIN_MS = 1000;

export interface ServiceContext<C> {
  readonly name: string;
  readonly version: string;
  readonly config: C;
  readonly log: Logger;
  readonly health: HealthChecks;
  /** Aborted when the process is told to stop, before `stop` is called. */
  readonly signal: AbortSignal;
  /** Stops the whole process as SIGTERM does, but with exit code 1: for what cannot be repaired while running. */
  fail(error: Error): void;
}

export interface RunningService {
  /** Ports for the start line, by name: `{ http: 8080 }`. */
  ports?: Record<string, number>;
  /**
   * Takes no new work, finishes or hands back what runs, closes connections. `signal` is aborted when the deadline is near:
   * what still runs then has to be handed back at once.
   */
  stop(deadline: AbortSignal): Promise<void>;
}

export interface Service<S extends z.ZodRawShape> {
  name: string;
  version: string;
  /** The service's own fields; those of every process are added. */
  config: z.ZodObject<S>;
  start(context: ServiceContext<z.output<z.ZodObject<S>> & ProcessConfig>): Promise<RunningService>;
  /** @default true; false when the service answers /healthz, /readyz and /metrics itself */
  healthServer?: boolean;
}

interface Process {
  log: Logger;
  health: HealthChecks;
  telemetry: Telemetry;
  server: HealthServer | undefined;
  unwatch: () => void;
}

function within<T>(ms: number, work: Promise<T>): Promise<T | 'late'> {
  let timer: NodeJS.Timeout | undefined;
  const late = new Promise<'late'>((resolve) => (timer = setTimeout(resolve, ms, 'late')));
  return Promise.race([work, late]).finally(() => clearTimeout(timer));
}

async function prepare(service: Service<z.ZodRawShape>, config: ProcessConfig): Promise<Process> {
  const { name, version } = service;
  const log = createLogger({ service: name, version, level: config.logLevel as LogLevel });
  const telemetry = await startTelemetry({ service: name, version });
  const health = new HealthChecks();
  const { healthHost: host, healthPort: port } = config;
  const server =
    service.healthServer === false
      ? undefined
      : await startHealthServer({ host, port, service: name, version, checks: health });
  return { log, telemetry, health, server, unwatch: watchProcess() };
}

/** Runs `stop` under its deadline. Returns whether it ended cleanly and in time. */
async function stopWork(running: RunningService, seconds: number, log: Logger): Promise<boolean> {
  const nearEnd = AbortSignal.timeout(seconds * 1000);
  try {
    const result = await within(seconds * 1000 + STOP_MARGIN_MS, running.stop(nearEnd));
    if (result !== 'late') return true;
    logLine(log, 'service.stop_deadline', { seconds });
  } catch (err) {
    logLine(log, 'service.stop_failed', { err });
  }
  return false;
}

async function finish({ log, server, telemetry, unwatch }: Process): Promise<void> {
  unwatch();
  await server?.close();
  const flushed = await within(FLUSH_DEADLINE_MS, telemetry.shutdown());
  const errors = flushed === 'late' ? [new Error(`not delivered within ${FLUSH_DEADLINE_MS} ms`)] : flushed;
  for (const err of errors) logLine(log, 'telemetry.flush_failed', { err });
}

/** The life of a process from its configuration to its exit code. */
async function live<S extends z.ZodRawShape>(service: Service<S>, signals: Signals): Promise<number> {
  const { name, version } = service;
  const schema = z.object({ ...processFields, ...service.config.shape });
  const config = loadConfig(schema) as z.output<z.ZodObject<S>> & ProcessConfig;
  const { shutdownSeconds }: ProcessConfig = config;
  const parts = await prepare(service as unknown as Service<z.ZodRawShape>, config);
  const { log, health, server } = parts;
  signals.useLog(log);
  logLine(log, 'service.starting', { node: process.version });
  const started = health.hold('service', 'starting');
  let clean = true;
  const fail = (err: Error) => {
    clean = false;
    logLine(log, 'service.crashed', { err });
    signals.stop('failure');
  };
  try {
    const context = { name, version, config, log, health, signal: signals.signal, fail };
    const running = await service.start(context);
    started();
    const ports = { ...running.ports, ...(server === undefined ? {} : { health: server.port }) };
    logLine(log, 'service.started', { ports });
    const reason = await signals.stopped;
    health.hold('service', 'stopping');
    logLine(log, 'service.stopping', { reason, seconds: shutdownSeconds });
    if (!(await stopWork(running, shutdownSeconds, log))) clean = false;
  } catch (err) {
    clean = false;
    logLine(log, 'service.start_failed', { err });
  }
  await finish(parts);
  logLine(log, 'service.stopped', { clean });
  return clean ? 0 : 1;
}

/**
 * Runs a service until SIGTERM or SIGINT and ends the process: 0 after a clean stop, 1 after a failure, 78 when the
 * configuration is wrong (told on standard error). A second signal ends it at once.
 */
export async function runService<S extends z.ZodRawShape>(service: Service<S>): Promise<never> {
  const signals = new Signals();
  let code: number;
  try {
    code = await live(service, signals);
  } catch (error) {
    code = error instanceof ConfigError ? EX_CONFIG : 1;
    const text = error instanceof ConfigError ? error.message : String(error instanceof Error ? error.stack : error);
    process.stderr.write(`${service.name}: ${text}\n`);
  }
  process.exit(code);
}
