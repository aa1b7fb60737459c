import { pino, type DestinationStream, type Level, type Logger as PinoLogger } from 'pino';
import { forwardLine } from './otlp-logs.js';
import { redactFields, redactLine } from './redaction.js';

export type Logger = PinoLogger;
export type LogLevel = Level | 'silent';
export const logLevels = ['trace', 'debug', 'info', 'warn', 'error', 'fatal', 'silent'] as const;

export interface LoggerOptions {
  service: string;
  version: string;
  /** @default 'info' */
  level?: LogLevel;
  /** @default standard output, synchronous: a line written before a crash is there after it */
  destination?: DestinationStream;
}

/** Fields a child logger is bound to; each line of a job's carries them. */
export interface JobLogFields {
  tenant?: string;
  job_id?: string;
  kind?: string;
  attempt?: number;
  trace_id?: string | undefined;
}

// A child copies its parent's level when it is made, so a change at run time has to reach the living ones too.
const family = new WeakMap<object, { members: WeakRef<Logger>[]; pruneAt: number }>();
const PRUNE_AT_LEAST = 64;

function enrol(child: Logger, root: Logger): void {
  const kin = family.get(root);
  if (kin === undefined) return;
  kin.members.push(new WeakRef(child));
  if (kin.members.length < kin.pruneAt) return;
  kin.members = kin.members.filter((member) => member.deref() !== undefined);
  kin.pruneAt = Math.max(PRUNE_AT_LEAST, kin.members.length * 2);
}

function serializeError(error: unknown): unknown {
  return error instanceof Error ? redactFields({ ...pino.stdSerializers.errWithCause(error) }) : error;
}

function standardOutput(): DestinationStream {
  const output = pino.destination({ fd: 1, sync: true });
  return {
    write: (line) => {
      output.write(line);
      forwardLine(line);
    },
  };
}

/** JSON lines on standard output: time, level, service, version, msg, event and the job's fields. Secrets are hidden by name. */
export function createLogger({ service, version, level = 'info', destination }: LoggerOptions): Logger {
  const root: Logger = pino(
    {
      level,
      base: { service, version, pid: process.pid },
      timestamp: pino.stdTimeFunctions.isoTime,
      formatters: { level: (label) => ({ level: label }), log: redactFields },
      serializers: { err: serializeError, error: serializeError },
      hooks: { streamWrite: redactLine },
      onChild: (child) => enrol(child as unknown as Logger, root),
    },
    destination ?? standardOutput(),
  );
  family.set(root, { members: [], pruneAt: PRUNE_AT_LEAST });
  return root;
}

/** Changes the level of a logger made by `createLogger` and of all its living children. */
export function setLogLevel(root: Logger, level: LogLevel): void {
  root.level = level;
  for (const member of family.get(root)?.members ?? []) {
    const child = member.deref();
    if (child !== undefined) child.level = level;
  }
}
