/** Connections and channels that come back by themselves, and publishing with confirms and a bound on what is under way. */
export { BrokerConnection, type BrokerConnectionOptions } from './broker-connection.js';
export { abandonChannel, type ManagedChannel } from './managed-channel.js';
export {
  maxMessageBytes,
  MessageTooLargeError,
  type OutboundMessage,
  Publisher,
  PublisherClosedError,
  type PublisherOptions,
  UnroutableError,
} from './publisher.js';
