/** The routes of webhooks, and which URLs one may have. Messages are delivered by the notifier. */
export { webhookControllers, webhookProviders } from './webhook-parts.js';
