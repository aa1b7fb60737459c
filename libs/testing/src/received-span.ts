/** A span as a collector got it. */
export interface ReceivedSpan {
  traceId: string;
  spanId: string;
  /** '' at the root of a trace. */
  parentSpanId: string;
  name: string;
  kind: 'unspecified' | 'internal' | 'server' | 'client' | 'producer' | 'consumer';
  /** service.name of the process it came from. */
  service: string;
  attributes: Record<string, unknown>;
  links: { traceId: string; spanId: string }[];
  events: { name: string; attributes: Record<string, unknown> }[];
  status: { code: 'unset' | 'ok' | 'error'; message: string };
  /** Nanoseconds since 1970. */
  start: bigint;
  end: bigint;
}
