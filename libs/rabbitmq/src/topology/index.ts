/** Everything that is declared at the broker, by name and argument, the comparison with what is really there, and what each service may do with it. */
export { applyUsers, type BrokerAccounts } from './apply-users.js';
export { type BrokerRights, brokerRights, brokerUser } from './broker-users.js';
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
