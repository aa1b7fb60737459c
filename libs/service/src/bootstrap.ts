import { createLogger, logLine, startTelemetry, type Logger, type Telemetry } from '@roundhouse/telemetry';
import { z } from 'zod';
import { processFields, type ProcessConfig } from './config-fields.js';
import { ConfigError, loadConfig } from './config.js';
import { HealthChecks } from './health-checks.js';
import { startHealthServer, type HealthServer } from './health-server.js';
import { watchProcess } from './process-metrics.js';
import { reachFor } from './reach.js';
import type { RunningService, Service } from './service.js';
import { Signals } from './signals.js';

/** sysexits.h: the environment has to be corrected; starting again does not help. */
export const EX_CONFIG = 78;
// 25 s + both stay under the 30 s after which orchestrators kill.
const STOP_MARGIN_MS = 3000;
const FLUSH_DEADLINE_MS = 1500;
/** How long a start that is still under way may take to notice that the process is told to stop. */
const START_GRACE_MS = 5000;

interface Process {
  log: Logger;
  health: HealthChecks;
  telemetry: Telemetry;
  server: HealthServer;
  unwatch: () => void;
}

function within<T>(ms: number, work: Promise<T>): Promise<T | 'late'> {
  let timer: NodeJS.Timeout | undefined;
  const late = new Promise<'late'>((resolve) => (timer = setTimeout(resolve, ms, 'late')));
  return Promise.race([work, late]).finally(() => clearTimeout(timer));
}

type Identity = Pick<Service<z.ZodRawShape>, 'name' | 'version'>;

async function prepare({ name, version }: Identity, config: ProcessConfig): Promise<Process> {
  const log = createLogger({ service: name, version, level: config.logLevel });
  const telemetry = await startTelemetry({ service: name, version });
  const health = new HealthChecks();
  const { healthHost: host, healthPort: port, diagnosticsToken } = config;
  const server = await startHealthServer({ host, port, service: name, version, checks: health, diagnosticsToken });
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
  await server.close();
  const flushed = await within(FLUSH_DEADLINE_MS, telemetry.shutdown());
  const errors = flushed === 'late' ? [new Error(`not delivered within ${FLUSH_DEADLINE_MS} ms`)] : flushed;
  for (const err of errors) logLine(log, 'telemetry.flush_failed', { err });
}

/** A start under way when the signal comes may end by itself; a stuck one is not waited for. */
async function startWork(start: Promise<RunningService>, signals: Signals): Promise<RunningService> {
  const stuck = signals.stopped.then(async (reason) => {
    await within(START_GRACE_MS, start);
    throw new Error(`Told to stop (${reason}) while starting`);
  });
  // Only the race looks at it; when the start wins, nobody does.
  stuck.catch(() => undefined);
  return Promise.race([start, stuck]);
}

/** The life of a process from its configuration to its exit code. */
async function live<S extends z.ZodRawShape>(service: Service<S>, signals: Signals): Promise<number> {
  const { name, version } = service;
  const schema = z.object({ ...processFields, ...service.config.shape });
  const config = loadConfig(schema) as z.output<z.ZodObject<S>> & ProcessConfig;
  const { shutdownSeconds }: ProcessConfig = config;
  const parts = await prepare(service, config);
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
    const reach = reachFor({ log, health, signal: signals.signal });
    const context = { name, version, config, log, health, signal: signals.signal, reach, fail };
    const running = await startWork(service.start(context), signals);
    started();
    const ports = { ...running.ports, health: server.port };
    logLine(log, 'service.started', { ports });
    const reason = await signals.stopped;
    health.hold('service.stopping', 'the process is stopping');
    logLine(log, 'service.stopping', { reason, seconds: shutdownSeconds });
    if (!(await stopWork(running, shutdownSeconds, log))) clean = false;
  } catch (err) {
    // A start given up because of the signal is what was asked for.
    if (!signals.signal.aborted) clean = false;
    logLine(log, signals.signal.aborted ? 'service.start_abandoned' : 'service.start_failed', { err });
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
