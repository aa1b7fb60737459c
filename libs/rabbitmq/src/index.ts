export {
  BrokerConnection,
  type BrokerConnectionOptions,
  type OutboundMessage,
  Publisher,
  type PublisherOptions,
  UnroutableError,
} from './connection/index.js';
export {
  type BrokerQueue,
  consumeQuarantine,
  ControlBroadcaster,
  type LedgerHandlers,
  LedgerServer,
  LiveChannel,
  observeQueues,
  type QuarantinedDelivery,
  type QuarantineOptions,
  QueueDepth,
} from './ledger-side/index.js';
export {
  bundleProperties,
  decodeDeliveries,
  deliveryProperties,
  type DispatchedJob,
  encodeBundle,
  encodeDelivery,
  UndecodableDelivery,
} from './messages/index.js';
export { JobHandler, JobServer, OriginalErrorFilter, startJobWorker, type WorkerProcess } from './nest/index.js';
export {
  applyTopology,
  applyUsers,
  type BindingDefinition,
  type BrokerAccounts,
  type BrokerRights,
  brokerRights,
  brokerUser,
  exchange,
  type ExchangeDefinition,
  jobQueue,
  planTopology,
  purgeTopology,
  quarantineQueue,
  type QueueDefinition,
  type Topology,
  topology,
  type TopologyItem,
  TopologyMismatch,
  type TopologyState,
  waitHeader,
  waitQueue,
} from './topology/index.js';
export { type WorkerOptions, WorkerSession } from './worker/index.js';
