import { logLevels } from '@roundhouse/telemetry';
import { z } from 'zod';
import { durationMs, integer, oneOf, port, secret, text, url } from './variable-types.js';

/** Fields every process has; `runService` adds them to the service's own. */
export const processFields = {
  /** Where the health server listens. */
  healthHost: text('a host name or address').default('127.0.0.1'),
  /** 0: any free port; the start line says which. */
  healthPort: port().default(0),
  logLevel: oneOf(logLevels).default('info'),
  /** Lets this machine take CPU profiles and heap snapshots through the health port; see docs/observability.md. */
  diagnosticsToken: secret(24).optional(),
  /** How long running work may take to end after SIGTERM. */
  shutdownSeconds: integer(0, 3600).default(25),
};

/** ROUNDHOUSE_AMQP_URL: amqp://user:password@host:port/vhost */
export const amqpFields = { amqpUrl: url(['amqp', 'amqps']) };

/** ROUNDHOUSE_DATABASE_URL: postgres://user:password@host:port/database */
export const databaseFields = { databaseUrl: url(['postgres', 'postgresql']) };

/** How a worker runs jobs; every worker has these. */
export const workerFields = {
  /** Jobs that run at once, shared among the queues by weight. */
  prefetch: integer(1, 2_000).default(20),
  /** After this long an attempt that works in steps makes room for others at its next cursor. */
  timeSlice: durationMs({ min: 100 }).default(300_000),
  /** Jobs with a longer timeout are acknowledged when they are granted: the broker does not wait for ever (30 min by default). */
  ackEarlyAbove: durationMs({ min: 1_000 }).default(900_000),
};

/** How the ledger treats running jobs; the same for every gateway and scheduler. */
export const jobRuleFields = {
  /** A running job whose worker is not heard of for this long is taken back. Workers beat every 8 s. */
  lease: durationMs({ min: 10_000 }).default(30_000),
  /** A job that has taken its worker along this often while nothing ran beside it is dead. */
  maxCrashes: integer(1, 1_000).default(2),
  /** How long a worker may take to stop a cancelled attempt before it is fenced off. */
  cancelGrace: durationMs({ min: 100 }).default(30_000),
};

export const processSchema = z.object(processFields);
export type ProcessConfig = z.output<typeof processSchema>;
