import {
  context,
  ROOT_CONTEXT,
  SpanKind,
  SpanStatusCode,
  trace,
  type Attributes,
  type AttributeValue,
  type Context,
  type Link,
  type Span,
} from '@opentelemetry/api';
import { extract, inject } from './propagation.js';
import { spanAttributes } from './span-names.js';
import { currentTracer, tracingEnabled } from './tracing.js';

/** A context, or the traceparent that describes one. */
export type Parent = Context | string;

export interface SpanOptions {
  /** @default 'internal' */
  kind?: 'internal' | 'server' | 'client' | 'producer' | 'consumer';
  attributes?: Attributes;
  /** @default the active context */
  parent?: Parent | undefined;
  /** Traceparents of other spans this one belongs with: earlier attempts, the job that caused this one. */
  links?: readonly (string | undefined)[];
  /** @default now */
  start?: Date | undefined;
}

const kinds = {
  internal: SpanKind.INTERNAL,
  server: SpanKind.SERVER,
  client: SpanKind.CLIENT,
  producer: SpanKind.PRODUCER,
  consumer: SpanKind.CONSUMER,
} as const;

function contextOf(parent: Parent | undefined): Context {
  if (parent === undefined) return context.active();
  return typeof parent === 'string' ? extract(parent) : parent;
}

function linksOf(traceparents: readonly (string | undefined)[] | undefined): Link[] {
  return (traceparents ?? []).flatMap((traceparent) => {
    const linked = trace.getSpanContext(extract(traceparent));
    return linked === undefined ? [] : [{ context: linked }];
  });
}

/** A span in progress. With tracing off it is a shell that only carries its parent's traceparent on. */
export class OpenSpan {
  constructor(
    /** Holds this span; the parent of what happens inside. */
    readonly context: Context,
    private readonly span: Span | undefined,
  ) {}

  /** To put on messages and rows caused by this span; with tracing off the parent's, '' when that has none either. */
  get traceparent(): string {
    return inject(this.context);
  }

  set(name: string, value: AttributeValue): void {
    this.span?.setAttribute(name, value);
  }

  setAll(attributes: Attributes): void {
    this.span?.setAttributes(attributes);
  }

  /** Marks the span as failed; it still has to be ended. */
  fail(error: unknown): void {
    if (this.span === undefined) return;
    const cause = error instanceof Error ? error : new Error(String(error));
    const code = (cause as { code?: unknown }).code;
    this.span.recordException(cause);
    this.span.setAttribute(spanAttributes.errorType, typeof code === 'string' ? code : cause.name);
    this.span.setStatus({ code: SpanStatusCode.ERROR, message: cause.message });
  }

  end(at?: Date): void {
    this.span?.end(at);
  }
}

/** For spans that do not enclose one function; the caller ends it. */
export function startSpan(name: string, options: SpanOptions = {}): OpenSpan {
  const parent = contextOf(options.parent);
  if (!tracingEnabled()) return new OpenSpan(parent, undefined);
  const { kind = 'internal', attributes, start } = options;
  const span = currentTracer().startSpan(
    name,
    { kind: kinds[kind], attributes, links: linksOf(options.links), startTime: start },
    parent,
  );
  return new OpenSpan(trace.setSpan(parent, span), span);
}

/** Runs `fn` inside a span that ends with it; what it throws is recorded and thrown on. `fn` may be synchronous. */
export function withSpan<T>(name: string, options: SpanOptions, fn: (span: OpenSpan) => T): T {
  const span = startSpan(name, options);
  if (!tracingEnabled()) return fn(span);
  const failed = (error: unknown): never => {
    span.fail(error);
    span.end();
    throw error;
  };
  let result: T;
  try {
    result = context.with(span.context, fn, undefined, span);
  } catch (error) {
    return failed(error);
  }
  if (result instanceof Promise) {
    const ended = result.then((value: unknown) => {
      span.end();
      return value;
    }, failed);
    return ended as T;
  }
  span.end();
  return result;
}

export interface RecordedSpan extends SpanOptions {
  start: Date;
  end: Date;
  error?: unknown;
}

/**
 * A span of something already over, such as one job's share of a batch. Without a parent it starts a trace of its own.
 * Returns its traceparent (the parent's with tracing off).
 */
export function recordSpan(name: string, { end, error, ...options }: RecordedSpan): string {
  const span = startSpan(name, { ...options, parent: options.parent ?? ROOT_CONTEXT });
  if (error !== undefined) span.fail(error);
  span.end(end);
  return span.traceparent;
}
