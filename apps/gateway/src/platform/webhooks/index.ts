/** The routes of webhooks, and which URLs one may have. Messages are delivered by the notifier. */
export { type WebhookConfig, webhookFields } from './webhook-config.js';
export { sealWebhooksAgain, webhookControllers, webhookProviders } from './webhook-parts.js';
