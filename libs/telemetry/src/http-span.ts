import { ROOT_CONTEXT } from '@opentelemetry/api';
import { startSpan, type OpenSpan } from './span.js';
import { spanAttributes, spanNames } from './span-names.js';
import { isTraceparent } from './traceparent.js';

const SERVER_ERROR = 500;

export interface ServerSpan {
  readonly span: OpenSpan;
  /** The client's trace or the request's own; '' with tracing off and no valid traceparent from the client. */
  readonly traceparent: string;
  end(status: number, error?: unknown): void;
}

/**
 * The span of one HTTP request. `route` is the pattern (`/v1/jobs/:id`), never the path, which has ids in it.
 * @param headers the request's; only `traceparent` is read, and a malformed one is ignored
 */
export function startServerSpan(
  headers: Readonly<Record<string, string | string[] | undefined>>,
  method: string,
  route: string,
): ServerSpan {
  const received = headers.traceparent;
  const traceparent = typeof received === 'string' && isTraceparent(received) ? received : undefined;
  const span = startSpan(spanNames.httpRequest(method, route), {
    kind: 'server',
    parent: traceparent ?? ROOT_CONTEXT,
    attributes: { [spanAttributes.httpMethod]: method, [spanAttributes.httpRoute]: route },
  });
  return {
    span,
    traceparent: span.traceparent,
    end: (status, error) => {
      span.set(spanAttributes.httpStatus, status);
      if (status >= SERVER_ERROR) span.fail(error ?? new Error(`HTTP ${status}`));
      span.end();
    },
  };
}
