/** Everything that is declared at the broker, by name and argument, and the comparison with what is really there. */
export {
  applyTopology,
  planTopology,
  purgeTopology,
  type TopologyItem,
  TopologyMismatch,
  type TopologyState,
  verifyPresence,
} from './topology-check.js';
export {
  type BindingDefinition,
  claimsKey,
  claimsQueue,
  eventsKey,
  eventsQueue,
  exchange,
  type ExchangeDefinition,
  jobQueue,
  quarantineQueue,
  type QueueDefinition,
  topology,
  type Topology,
  waitHeader,
  waitQueue,
} from './topology.js';
