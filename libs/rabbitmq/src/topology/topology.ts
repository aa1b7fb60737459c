import { catalogue } from '@roundhouse/contracts';
import { waitLevelsMs } from '@roundhouse/jobs';

/** Everything Roundhouse declares at the broker, in one place. Works unchanged on RabbitMQ 3.10 and 4.x. */
export interface ExchangeDefinition {
  name: string;
  type: 'direct' | 'fanout' | 'topic' | 'headers';
}

export interface QueueDefinition {
  name: string;
  arguments: Record<string, string | number>;
  /** What is in it and why, for `topology plan`. */
  purpose: string;
}

export interface BindingDefinition {
  exchange: string;
  queue: string;
  routingKey: string;
  arguments?: Record<string, string | number>;
}

export interface Topology {
  exchanges: ExchangeDefinition[];
  queues: QueueDefinition[];
  bindings: BindingDefinition[];
}

export const exchange = {
  jobs: 'jobs',
  retry: 'jobs.retry',
  deadLetter: 'jobs.dlx',
  ledger: 'ledger',
  control: 'control',
  live: 'live',
} as const;

// Arguments of a queue cannot change: a change of any of them needs a new version suffix.
export const jobQueue = (queue: string): string => `jobs.q.${queue}.v1`;
export const waitQueue = (levelMs: number): string => `jobs.wait.${levelMs}.v1`;
export const quarantineQueue = 'jobs.quarantine.v1';
export const claimsQueue = 'ledger.claims.v1';
export const eventsQueue = 'ledger.events.v1';
export const claimsKey = 'claims';
export const eventsKey = 'events';
/** Header that chooses the wait queue; the routing key stays the job's queue, so the wait queue's dead-letter exchange can deliver it. */
export const waitHeader = 'rh-wait';

// Returns before the broker gives a message up. -1 is no "unlimited": RabbitMQ 3.10 drops such a message on its first return.
const deliveryLimit = 20;
// What the ledger reads must outlive any number of crashed gateways: there is no dead-letter exchange behind it, and from
// RabbitMQ 4.0 a queue that says nothing drops a message after 20 returns.
const ledgerDeliveryLimit = 1_000_000;
// A claim older than this has been asked again by its worker.
const claimTtlMs = 5_000;

/** Dead-lettering that survives a crash needs all three: the strategy, reject-publish and a target. */
const safeDeadLettering = (target: string) => ({
  'x-dead-letter-exchange': target,
  'x-dead-letter-strategy': 'at-least-once',
  'x-overflow': 'reject-publish',
});

function jobQueueDefinition(queue: string): QueueDefinition {
  return {
    name: jobQueue(queue),
    purpose: `deliveries of queue ${queue}`,
    arguments: {
      'x-queue-type': 'quorum',
      'x-delivery-limit': deliveryLimit,
      ...safeDeadLettering(exchange.deadLetter),
    },
  };
}

function waitQueueDefinition(levelMs: number): QueueDefinition {
  return {
    name: waitQueue(levelMs),
    purpose: `retries that wait ${levelMs / 1000} s`,
    arguments: { 'x-queue-type': 'quorum', 'x-message-ttl': levelMs, ...safeDeadLettering(exchange.jobs) },
  };
}

const ledgerQueueArguments = { 'x-queue-type': 'quorum', 'x-delivery-limit': ledgerDeliveryLimit };

/** @param queues Names of the job queues. @default all queues of the catalogue */
export function topology(queues: readonly string[] = catalogue.queues()): Topology {
  return {
    exchanges: [
      { name: exchange.jobs, type: 'direct' },
      { name: exchange.retry, type: 'headers' },
      { name: exchange.deadLetter, type: 'fanout' },
      { name: exchange.ledger, type: 'direct' },
      { name: exchange.control, type: 'fanout' },
      { name: exchange.live, type: 'topic' },
    ],
    queues: [
      ...queues.map(jobQueueDefinition),
      ...waitLevelsMs.map(waitQueueDefinition),
      { name: quarantineQueue, purpose: 'deliveries that nobody can run', arguments: ledgerQueueArguments },
      {
        name: claimsQueue,
        purpose: 'claims and heartbeats of workers',
        arguments: { 'x-queue-type': 'classic', 'x-message-ttl': claimTtlMs },
      },
      { name: eventsQueue, purpose: 'what happened in attempts', arguments: ledgerQueueArguments },
    ],
    bindings: [
      ...queues.map((queue) => ({ exchange: exchange.jobs, queue: jobQueue(queue), routingKey: queue })),
      ...waitLevelsMs.map((level) => ({
        exchange: exchange.retry,
        queue: waitQueue(level),
        routingKey: '',
        arguments: { 'x-match': 'all', [waitHeader]: level },
      })),
      { exchange: exchange.deadLetter, queue: quarantineQueue, routingKey: '' },
      { exchange: exchange.ledger, queue: claimsQueue, routingKey: claimsKey },
      { exchange: exchange.ledger, queue: eventsQueue, routingKey: eventsKey },
    ],
  };
}
