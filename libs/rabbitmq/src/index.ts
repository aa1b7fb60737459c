export { BrokerConnection, type BrokerConnectionOptions } from './connection/broker-connection.js';
export { ControlBroadcaster } from './worker/control.js';
export {
  bundleProperties,
  decodeDeliveries,
  deliveryProperties,
  encodeBundle,
  encodeDelivery,
  UndecodableDelivery,
  type DispatchedJob,
} from './messages/delivery-codec.js';
export { JobHandler } from './worker/job-handler.js';
export { startJobWorker, type WorkerProcess } from './worker/job-worker.js';
export { JobServer, OriginalErrorFilter } from './worker/job-server.js';
export { LedgerServer, type LedgerHandlers } from './ledger-side/ledger-server.js';
export { LiveChannel } from './ledger-side/live.js';
export { Publisher, UnroutableError, type OutboundMessage, type PublisherOptions } from './connection/publisher.js';
export { observeQueues, type BrokerQueue } from './ledger-side/queue-gauges.js';
export { QueueDepth } from './ledger-side/queue-depth.js';
export {
  consumeQuarantine,
  type QuarantinedDelivery,
  type QuarantineOptions,
} from './ledger-side/quarantine-consumer.js';
export {
  exchange,
  jobQueue,
  quarantineQueue,
  topology,
  waitHeader,
  waitQueue,
  type BindingDefinition,
  type ExchangeDefinition,
  type QueueDefinition,
  type Topology,
} from './topology/topology.js';
export {
  applyTopology,
  planTopology,
  purgeTopology,
  TopologyMismatch,
  type TopologyItem,
  type TopologyState,
} from './topology/topology-check.js';
export { WorkerSession, type WorkerOptions } from './worker/worker-session.js';
