/**
 * Who is told of what: the feed of domain events, and webhooks, made and changed here, with the messages that are sent to them as
 * jobs.
 */
export {
  endOfDomainEvents,
  type FeedStart,
  insertDomainEvents,
  isFeedCursor,
  type NewDomainEvent,
  readDomainEvents,
  type StoredDomainEvent,
} from './domain-event-log.js';
export {
  ledgerEventTypes,
  notifyWebhooks,
  tellOfDomainEvents,
  tellOfEnds,
  type WebhookMessage,
} from './webhook-messages.js';
export { type Webhook, type WebhookChange, Webhooks } from './webhooks.js';
