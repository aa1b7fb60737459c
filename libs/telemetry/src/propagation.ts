import { context, isSpanContextValid, ROOT_CONTEXT, trace, type Context } from '@opentelemetry/api';
import { isTraceparent } from './traceparent.js';

/**
 * The traceparent to hand on from `of` (default: the active context); '' when there is none.
 * With tracing off it is the one `extract` read, so a client's trace id survives a platform without tracing.
 */
export function inject(of: Context = context.active()): string {
  const span = trace.getSpanContext(of);
  if (span === undefined || !isSpanContextValid(span)) return '';
  const flags = span.traceFlags & 0xff;
  return `00-${span.traceId}-${span.spanId}-${flags < 16 ? '0' : ''}${flags.toString(16)}`;
}

/** The context a traceparent describes; the root context when it is absent or malformed. */
export function extract(traceparent: string | undefined): Context {
  if (!isTraceparent(traceparent)) return ROOT_CONTEXT;
  return trace.setSpanContext(ROOT_CONTEXT, {
    traceId: traceparent.slice(3, 35),
    spanId: traceparent.slice(36, 52),
    traceFlags: Number.parseInt(traceparent.slice(53, 55), 16),
    isRemote: true,
  });
}
