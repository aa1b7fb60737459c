import { getExtension, hasExtension, toJson, type DescExtension, type DescMessage } from '@bufbuild/protobuf';
import { registry } from './registry.js';
import {
  concurrencyRule,
  errorRule,
  milliseconds,
  queueClass,
  rateRule,
  retryPolicy,
  uniqueRule,
  type ConcurrencyRule,
  type ConcurrencyRuleJson,
  type ErrorRule,
  type ErrorRuleJson,
  type QueueClass,
  type QueueClassJson,
  type RateRule,
  type RateRuleJson,
  type RetryPolicyJson,
  type UniqueRule,
  type UniqueRuleJson,
} from './kind-rules.js';
import type { RetryPolicy } from './retry-policy.js';
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
  /** For people; "": it has none. */
  title: string;
  /** What a job that has succeeded says to people: a text with `{field}` for fields of its result; "": nothing. */
  outcome: string;
  queue: string;
  version: number;
  requestType: string;
  resultType: string;
  /** Longest run of one attempt. */
  timeoutMs: number;
  retry: RetryPolicy;
  errorRules: readonly ErrorRule[];
  /** From enqueueing; no attempt starts after it. */
  deadlineMs: number | undefined;
  unique: UniqueRule | undefined;
  concurrency: readonly ConcurrencyRule[];
  rate: RateRule | undefined;
  /** Without a sign of progress for this long a running attempt is shown as stuck. */
  stuckAfterMs: number | undefined;
  /** Kind that is told of every death of this one. */
  onDeath: string | undefined;
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
  retry?: RetryPolicyJson;
  errors?: ErrorRuleJson[];
  deadline?: string;
  unique?: UniqueRuleJson;
  concurrency?: ConcurrencyRuleJson[];
  rate?: RateRuleJson;
  stuckAfter?: string;
  onDeath?: string;
  title?: string;
  outcome?: string;
}

const optionalMs = (duration: string | undefined): number | undefined =>
  duration === undefined ? undefined : milliseconds(duration);

function kindDefinition(requestType: string, option: JobOptionJson): KindDefinition {
  const { kind, queue, result, version = 1, timeout, errors = [], concurrency = [] } = option;
  return {
    kind,
    title: option.title ?? '',
    outcome: option.outcome ?? '',
    queue,
    version,
    requestType,
    resultType: result,
    timeoutMs: timeout ? milliseconds(timeout) : 300_000,
    retry: retryPolicy(option.retry),
    errorRules: errors.map(errorRule),
    deadlineMs: optionalMs(option.deadline),
    unique: option.unique && uniqueRule(option.unique),
    concurrency: concurrency.map((rule) => concurrencyRule(kind, rule)),
    rate: option.rate && rateRule(option.rate),
    stuckAfterMs: optionalMs(option.stuckAfter),
    onDeath: option.onDeath || undefined,
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
    if (option) kinds.set(option.kind, kindDefinition(type.typeName, option));
    const eventOption = optionJson(type, event) as EventDefinition | undefined;
    if (eventOption) events.set(eventOption.type, { type: eventOption.type, bodyType: type.typeName });
  }
  return { kinds, events };
}

function readQueueClasses(): Map<string, QueueClass> {
  const option = extension('roundhouse.platform.v1.queue_class');
  const classes = new Map<string, QueueClass>();
  for (const { proto } of registry.files) {
    if (!proto.options || !hasExtension(proto.options, option) || !option.message) continue;
    for (const value of getExtension(proto.options, option) as Iterable<never>) {
      const json = toJson(option.message, value, { registry }) as unknown as QueueClassJson;
      classes.set(json.queue, queueClass(json));
    }
  }
  return classes;
}

const { kinds, events } = readCatalogue();
const queueClasses = readQueueClasses();

/** Every job kind and domain event of the contract. */
export const catalogue = {
  kinds: (): KindDefinition[] => [...kinds.values()].sort((a, b) => (a.kind < b.kind ? -1 : 1)),
  kind: (name: string): KindDefinition | undefined => kinds.get(name),
  queues: (): string[] => [...new Set([...kinds.values()].map((k) => k.queue))].sort(),
  /** A queue's share of a worker process. */
  queueClass: (queue: string): QueueClass => queueClasses.get(queue) ?? queueClass({ queue }),
  event: (type: string): EventDefinition | undefined => events.get(type),
  events: (): EventDefinition[] => [...events.values()].sort((a, b) => (a.type < b.type ? -1 : 1)),
};
