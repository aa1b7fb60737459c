import { ClaimDecision, NoopRequest, NoopResult, type JobEvent } from '@roundhouse/contracts';
import type { Handler } from '../src/context.js';
import { executeDelivery, type ExecutionPorts } from '../src/execution.js';
import type { AttemptOutcome, Delivery, ExecutionStep } from '../src/ports.js';
import { RunningAttempts } from '../src/running-attempts.js';

export const jobId = '01890000-0000-7000-8000-000000000001';
export const payload = NoopRequest.encode(NoopRequest.fromPartial({})).finish();

function delivery(patch: Partial<Delivery> = {}): Delivery {
  return {
    jobId,
    tenantId: 't1',
    kind: 'platform.noop',
    version: 1,
    queue: 'default',
    payload,
    redelivered: false,
    enqueuedAt: undefined,
    dispatchedAt: undefined,
    timeoutMs: 60_000,
    traceparent: 'delivery-trace',
    ...patch,
  };
}

export function granted(attempt = 1, checkpoint: unknown = undefined): ClaimDecision {
  const data = checkpoint === undefined ? Buffer.alloc(0) : Buffer.from(JSON.stringify(checkpoint));
  return ClaimDecision.fromPartial({
    jobId,
    decision: { $case: 'granted', value: { attempt, failures: attempt - 1, checkpoint: data } },
  });
}

/** In-memory ports that remember everything in the order it happened. */
export function bench(decision: ClaimDecision | Error = granted()) {
  const events: JobEvent[] = [];
  const logged: string[] = [];
  const order: string[] = [];
  const warnings: string[] = [];
  const finished: AttemptOutcome[] = [];
  const decided: string[] = [];
  const running = new RunningAttempts();
  const trouble: { report?: (event: JobEvent) => void } = {};
  const warn = (_fields: object, message: string) => void warnings.push(message);
  const ports: ExecutionPorts = {
    claims: {
      claim: async () => {
        if (decision instanceof Error) throw decision;
        return decision;
      },
    },
    events: {
      report: async (event) => {
        if (event.event?.$case === 'logged') {
          logged.push(...event.event.value.lines.map(({ message }) => message));
          return;
        }
        trouble.report?.(event);
        events.push(event);
      },
    },
    observer: {
      step: async <T>(step: ExecutionStep, _delivery: Delivery, attempt: number, run: () => Promise<T>) => {
        order.push(`${step} ${attempt}`);
        return run();
      },
      decided: (_delivery, what) => void decided.push(what),
      finished: (_delivery, outcome) => void finished.push(outcome),
      traceparent: () => 'span-trace',
    },
    transactions: undefined,
    log: () => ({ debug: () => undefined, info: () => undefined, warn, error: warn }),
    interruptGraceMs: 20,
    timeSliceMs: Infinity,
  };
  const execute = (handler: Handler | undefined, what: Partial<Delivery> = {}) =>
    executeDelivery(delivery(what), handler, ports, running);
  const kinds = () => events.map((e) => e.event!.$case);
  return { events, logged, order, warnings, finished, decided, running, trouble, ports, execute, kinds };
}

export const noop: Handler = async () => NoopResult.fromPartial({});
/** Runs until it is told to stop, then throws what it was told. */
export const obedient: Handler = (_request, { signal }) =>
  new Promise((_resolve, reject) => signal.addEventListener('abort', () => reject(signal.reason as Error)));
/** Never stops by itself. */
export const deaf: Handler = () => new Promise(() => undefined);
