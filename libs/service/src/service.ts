import type { Logger } from '@roundhouse/telemetry';
import type { z } from 'zod';
import type { ProcessConfig } from './config-fields.js';
import type { HealthChecks } from './health-checks.js';
import type { Reach } from './reach.js';

export interface ServiceContext<C> {
  readonly name: string;
  readonly version: string;
  readonly config: C;
  readonly log: Logger;
  readonly health: HealthChecks;
  /** Aborted when the process is told to stop, before `stop` is called. */
  readonly signal: AbortSignal;
  /** Opens a server that may not be there yet: waits for it, not ready meanwhile. */
  readonly reach: Reach;
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
}
