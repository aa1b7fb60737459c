import { longestBrokerWaitMs, waitLevelMs } from '@roundhouse/jobs';
import type { Dispatch } from '@roundhouse/ledger';
import {
  bundleProperties,
  deliveryProperties,
  encodeBundle,
  encodeDelivery,
  exchange,
  waitHeader,
  type OutboundMessage,
  type Publisher,
} from '@roundhouse/rabbitmq';

/** Sends jobs of one queue as one message: to the queue itself, or through a wait queue. Only jobs without a delay share one. */
export function publishDispatches(publisher: Publisher, dispatches: readonly Dispatch[]): Promise<void> {
  const [first, ...others] = dispatches;
  if (!first) return Promise.resolve();
  return publisher.publish(others.length > 0 ? bundle(first, dispatches) : alone(first));
}

function bundle({ jobId, queue: routingKey }: Dispatch, dispatches: readonly Dispatch[]): OutboundMessage {
  const body = encodeBundle(dispatches);
  const properties = bundleProperties(dispatches.length, body);
  // Told apart from the job's own deliveries: whoever finds the message must not take it for that job alone.
  return { exchange: exchange.jobs, routingKey, messageId: `bundle-${jobId}`, body, properties };
}

function alone(dispatch: Dispatch): OutboundMessage {
  const { jobId: messageId, queue: routingKey, delayMs } = dispatch;
  const body = encodeDelivery(dispatch, dispatch.dispatchedAt);
  const properties = deliveryProperties(dispatch, body);
  if (delayMs <= 0) return { exchange: exchange.jobs, routingKey, messageId, body, properties };
  const level = waitLevelMs(Math.min(delayMs, longestBrokerWaitMs));
  const headers = { ...(properties.headers as object), [waitHeader]: level };
  return { exchange: exchange.retry, routingKey, messageId, body, properties: { ...properties, headers } };
}
