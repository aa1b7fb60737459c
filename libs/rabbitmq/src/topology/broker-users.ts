import { exchange, claimsQueue, eventsQueue, jobQueue, quarantineQueue } from './topology.js';

/** What a user of the broker may do: regular expressions over names of exchanges and queues, as RabbitMQ takes them. */
export interface BrokerRights {
  configure: string;
  write: string;
  read: string;
  /** Routing keys of the topic exchange `live`. */
  live?: { write: string; read: string };
}

/** Job queues of each worker. What is not named here gets nothing to do from the broker. */
const queuesOf: Record<string, readonly string[]> = {
  digest: ['digests'],
  importer: ['imports', 'spreadsheets'],
  mesh: ['batch', 'mesh_critical', 'mesh_generation', 'mesh_upkeep'],
  notifier: ['webhooks'],
  probe: ['critical', 'default', 'low', 'probes'],
  scorer: ['scoring', 'simulations'],
};

/** Named by the broker and exclusive to the connection that made it: nobody else can touch it, whatever his rights. */
const ownQueue = /amq\.gen-.*/;
const nothing = '^$';
/**
 * Who asks how deep a queue is needs some right on it after RabbitMQ 4.3.0, whichever. This one lets nobody read, and publish only with the default exchange
 * or bind only with an exchange to read.
 */
const measured = /jobs\.q\..*\.v1/;

const anyOf = (...names: (string | RegExp)[]): string =>
  `^(${names.map((name) => (typeof name === 'string' ? escaped(name) : name.source)).join('|')})$`;
const escaped = (name: string): string => name.replace(/[.*+?^${}()|[\]\\]/g, '\\$&');

/**
 * Worker: its own deliveries, claims and reports, quarantine, and broadcasts. The exchange `ledger` cannot be divided by routing key, so that reports in the
 * name of others can be sent: what keeps them from counting is the grant's token.
 */
const workerRights = (queues: readonly string[]): BrokerRights => ({
  configure: anyOf(ownQueue),
  write: anyOf(exchange.ledger, exchange.deadLetter, ownQueue),
  read: anyOf(exchange.control, ...queues.map(jobQueue), ownQueue),
});

/** Answers to claims go through the default exchange, which leads to every queue: no worker may write to it. */
const gatewayRights: BrokerRights = {
  configure: anyOf(ownQueue),
  write: anyOf(exchange.jobs, exchange.retry, exchange.control, exchange.live, 'amq.default', ownQueue, measured),
  read: anyOf(exchange.live, claimsQueue, eventsQueue, quarantineQueue, ownQueue),
  live: { write: '^nudge$', read: '^nudge$' },
};

/** Marks go through the events queue. */
const schedulerRights: BrokerRights = {
  configure: nothing,
  write: anyOf(exchange.ledger, exchange.control, exchange.live, measured),
  read: nothing,
  live: { write: '^nudge$', read: nothing },
};

/** The rights of every service, by its name. Nobody but the administrator, who applies the topology, may declare anything that is shared. */
export const brokerRights: Readonly<Record<string, BrokerRights>> = {
  gateway: gatewayRights,
  scheduler: schedulerRights,
  ...Object.fromEntries(Object.entries(queuesOf).map(([service, queues]) => [service, workerRights(queues)])),
};

export const brokerUser = (service: string): string => `roundhouse_${service}`;
