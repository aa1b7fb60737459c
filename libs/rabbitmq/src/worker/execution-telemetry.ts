import type { AttemptOutcome, Delivery, ExecutionObserver, ExecutionStep } from '@roundhouse/jobs';
import { count, inject, jobAttributes, measure, spanNames, tracingEnabled, withSpan } from '@roundhouse/telemetry';

function stepName(step: ExecutionStep, kind: string): string {
  if (step === 'handler') return spanNames.handler(kind);
  return step === 'claim' ? spanNames.claim : spanNames.outcome;
}

const stepKind = { claim: 'client', handler: 'internal', outcome: 'producer' } as const;

/** Spans and metrics of executions. The delivery's span is the parent of every step. */
export const executionTelemetry: ExecutionObserver = {
  step<T>(
    step: ExecutionStep,
    delivery: Delivery,
    attempt: number,
    run: (fail?: (error: unknown) => void) => Promise<T>,
  ): Promise<T> {
    if (!tracingEnabled()) return run();
    const attributes = jobAttributes({
      jobId: delivery.jobId,
      tenant: delivery.tenantId,
      kind: delivery.kind,
      attempt,
    });
    return withSpan(stepName(step, delivery.kind), { kind: stepKind[step], attributes }, (span) =>
      run((error) => span.fail(error)),
    );
  },

  decided({ kind, queue }, decision): void {
    count('claims', { decision, kind, queue });
  },

  finished({ tenantId, kind, queue }, outcome: AttemptOutcome, seconds: number): void {
    count('attempts', { tenant: tenantId, kind, queue, outcome });
    measure('executionTime', seconds, { tenant: tenantId, kind, queue, outcome });
  },

  traceparent(delivery: Delivery): string {
    return inject() || delivery.traceparent;
  },
};
