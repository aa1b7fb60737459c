import { getExtension, hasExtension, toJson, type DescExtension, type DescMessage } from '@bufbuild/protobuf';
import { registry } from './registry.js';
import { defaultRetryPolicy, type RetryPolicy } from './retry-policy.js';
import type { domainEvents, jobKinds } from './generated/kinds.js';

export type KindName = keyof typeof jobKinds;
export type EventType = keyof typeof domainEvents;

type CodecMessage<C> = C extends { decode(input: Uint8Array): infer M } ? M : never;
export type RequestOf<K extends KindName> = CodecMessage<(typeof jobKinds)[K]['request']>;
export type ResultOf<K extends KindName> = CodecMessage<(typeof jobKinds)[K]['result']>;
export type EventBodyOf<E extends EventType> = CodecMessage<(typeof domainEvents)[E]['body']>;

/** What the contract says about a job kind. */
export interface KindDefinition {
  kind: string;
  queue: string;
  version: number;
  requestType: string;
  resultType: string;
  /** Longest run of one attempt. */
  timeoutMs: number;
  retry: RetryPolicy;
}

export interface EventDefinition {
  type: string;
  bodyType: string;
}

interface JobOptionJson {
  kind: string;
  queue: string;
  result: string;
  version?: number;
  timeout?: string;
  retry?: {
    backoff?: string;
    maxAttempts?: number;
    initial?: string;
    multiplier?: number;
    cap?: string;
    delays?: string[];
  };
}

/** Proto JSON writes durations as "1.5s". */
function milliseconds(duration: string): number {
  return Math.round(Number.parseFloat(duration) * 1000);
}

function retryPolicy(option: JobOptionJson['retry']): RetryPolicy {
  if (!option) return defaultRetryPolicy;
  const backoff =
    { BACKOFF_EXPONENTIAL: 'exponential' as const, BACKOFF_FIXED: 'fixed' as const }[option.backoff ?? ''] ??
    ('polynomial' as const);
  return {
    backoff,
    maxAttempts: option.maxAttempts ?? defaultRetryPolicy.maxAttempts,
    initialMs: option.initial ? milliseconds(option.initial) : defaultRetryPolicy.initialMs,
    multiplier: option.multiplier ?? defaultRetryPolicy.multiplier,
    capMs: option.cap ? milliseconds(option.cap) : defaultRetryPolicy.capMs,
    delaysMs: (option.delays ?? []).map(milliseconds),
  };
}

function extension(name: string): DescExtension {
  const found = registry.getExtension(name);
  if (!found) throw new Error(`Option ${name} is not part of the contract`);
  return found;
}

function optionJson(message: DescMessage, option: DescExtension): unknown {
  const options = message.proto.options;
  if (!options || !hasExtension(options, option) || !option.message) return undefined;
  return toJson(option.message, getExtension(options, option) as never, { registry });
}

function readCatalogue() {
  const job = extension('roundhouse.platform.v1.job');
  const event = extension('roundhouse.platform.v1.event');
  const kinds = new Map<string, KindDefinition>();
  const events = new Map<string, EventDefinition>();
  for (const type of registry) {
    if (type.kind !== 'message') continue;
    const option = optionJson(type, job) as JobOptionJson | undefined;
    if (option) {
      kinds.set(option.kind, {
        kind: option.kind,
        queue: option.queue,
        version: option.version ?? 1,
        requestType: type.typeName,
        resultType: option.result,
        timeoutMs: option.timeout ? milliseconds(option.timeout) : 300_000,
        retry: retryPolicy(option.retry),
      });
    }
    const eventOption = optionJson(type, event) as EventDefinition | undefined;
    if (eventOption) events.set(eventOption.type, { type: eventOption.type, bodyType: type.typeName });
  }
  return { kinds, events };
}

const { kinds, events } = readCatalogue();

/** Every job kind and domain event of the contract. */
export const catalogue = {
  kinds: (): KindDefinition[] => [...kinds.values()].sort((a, b) => (a.kind < b.kind ? -1 : 1)),
  kind: (name: string): KindDefinition | undefined => kinds.get(name),
  queues: (): string[] => [...new Set([...kinds.values()].map((k) => k.queue))].sort(),
  event: (type: string): EventDefinition | undefined => events.get(type),
  events: (): EventDefinition[] => [...events.values()].sort((a, b) => (a.type < b.type ? -1 : 1)),
};
