/**
 * The ledger's side: answering claims, taking in events and quarantined deliveries, broadcasts to workers, news between gateways, and
 * the depths of queues.
 */
export { ControlBroadcaster } from './control-broadcaster.js';
export { type LedgerHandlers, LedgerServer } from './ledger-server.js';
export { LiveChannel } from './live.js';
export { MarkSender } from './mark-sender.js';
export { consumeQuarantine, type QuarantinedDelivery, type QuarantineOptions } from './quarantine-consumer.js';
export { QueueDepth } from './queue-depth.js';
export { type BrokerQueue, observeQueues } from './queue-gauges.js';
