export { BrokerConnection, type BrokerConnectionOptions } from './broker-connection.js';
export { ControlBroadcaster } from './control.js';
export {
  bundleProperties,
  decodeDeliveries,
  deliveryProperties,
  encodeBundle,
  encodeDelivery,
  UndecodableDelivery,
  type DispatchedJob,
} from './delivery-codec.js';
export { JobHandler } from './job-handler.js';
export { startJobWorker, type WorkerProcess } from './job-worker.js';
export { JobServer, OriginalErrorFilter } from './job-server.js';
export { LedgerServer, type LedgerHandlers } from './ledger-server.js';
export { LiveChannel } from './live.js';
export { Publisher, UnroutableError, type OutboundMessage, type PublisherOptions } from './publisher.js';
export { observeQueues, type BrokerQueue } from './queue-gauges.js';
export { QueueDepth } from './queue-depth.js';
export { consumeQuarantine, type QuarantinedDelivery, type QuarantineOptions } from './quarantine-consumer.js';
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
} from './topology.js';
export {
  applyTopology,
  planTopology,
  purgeTopology,
  TopologyMismatch,
  type TopologyItem,
  type TopologyState,
} from './topology-check.js';
export { WorkerSession, type WorkerOptions } from './worker-session.js';
