import {
  catalogue,
  decodeToJson,
  DeliverWebhookRequest,
  redactSensitive,
  WebhookGone,
  type KindDefinition,
} from '@roundhouse/contracts';
import { newTraceparent } from '@roundhouse/telemetry';
import type { EntityManager } from 'typeorm';
import type { NewDomainEvent } from './domain-event-log.js';
import { failurePage, insertJobs, jobOfKind, type LockedJob, type NewJob } from '../records/index.js';
import { disableGoneWebhooks } from './webhooks.js';

/** Something a tenant may want to be told of. */
export interface WebhookMessage {
  tenantId: string;
  /** "job.dead", "batch.completed", a type of domain event. */
  type: string;
  at: Date;
  data: object;
  traceparent?: string;
}

/** What the ledger itself tells of; the other types are those of the domain events. */
export const ledgerEventTypes = ['job.succeeded', 'job.dead', 'job.cancelled', 'batch.completed'] as const;

const deliveryKind = 'platform.deliver_webhook';
const goneEvent = 'webhook.gone';

interface Subscription {
  id: string;
  tenant_id: string;
  url: string;
  events: string[];
  sealed_secrets: string[];
}

/** Creates the deliveries of messages to every webhook that asked for their type, in the transaction that made them true. */
export async function notifyWebhooks(tx: EntityManager, messages: readonly WebhookMessage[]): Promise<number> {
  const definition = catalogue.kind(deliveryKind);
  if (messages.length === 0 || !definition) return 0;
  const subscriptions = await tx.query<Subscription[]>(
    `select id, tenant_id, url, events,
            array_remove(array[sealed_secret, case when previous_until > clock_timestamp() then previous_secret end], null) as sealed_secrets
     from ledger.webhooks where tenant_id = any($1::text[]) and enabled and events && $2::text[]`,
    [[...new Set(messages.map((m) => m.tenantId))], [...new Set(messages.map((m) => m.type))]],
  );
  if (subscriptions.length === 0) return 0;
  const deliveries = messages.flatMap((message) =>
    subscriptions
      .filter(({ tenant_id, events }) => tenant_id === message.tenantId && events.includes(message.type))
      .map((subscription) => delivery(definition, subscription, message)),
  );
  await insertJobs(tx, deliveries);
  return deliveries.length;
}

function delivery(definition: KindDefinition, webhook: Subscription, message: WebhookMessage): NewJob {
  const { tenantId, type, at, data, traceparent } = message;
  const request = DeliverWebhookRequest.fromPartial({
    webhookId: webhook.id,
    url: webhook.url,
    sealedSecrets: webhook.sealed_secrets,
    eventType: type,
    body: bounded(type, at, data),
  });
  const payload = DeliverWebhookRequest.encode(request).finish();
  return jobOfKind(definition, payload, { tenantId, traceparent: traceparent || newTraceparent() });
}

// A payload is carried up to 256 KiB.
const maxBodyBytes = 192 * 1024;

/** What is too large to be sent is named, and left to be fetched. */
function bounded(type: string, at: Date, data: object): string {
  const text = (what: object) => JSON.stringify({ type, timestamp: at.toISOString(), data: what });
  const whole = text(data);
  if (Buffer.byteLength(whole) <= maxBodyBytes) return whole;
  return text({ ...('job_id' in data && { job_id: data.job_id }), too_large: true });
}

/** Tells of jobs that came to their end. Deliveries themselves are left out: one that fails would tell of itself for ever. */
export async function tellOfEnds(tx: EntityManager, ended: Iterable<LockedJob>): Promise<void> {
  const messages = [...ended].flatMap((job): WebhookMessage[] => {
    if (job.kind === deliveryKind) return [];
    const { id, tenantId, kind, queue, traceparent, status, error, finishedAt, fingerprint } = job;
    const at = new Date(finishedAt ?? Date.now());
    const failed = status.state === 'dead' && error;
    const data = {
      job_id: id,
      kind,
      queue,
      state: status.state,
      attempt: status.attempt,
      finished_at: at.toISOString(),
      ...(failed && {
        error: { code: error.code, message: error.message },
        fingerprint,
        ...(fingerprint && { console: failurePage(fingerprint) }),
      }),
    };
    return [{ tenantId, type: `job.${status.state}`, at, data, traceparent }];
  });
  await notifyWebhooks(tx, messages);
}

/** Tells of domain events, and acts on those that webhooks themselves cause. */
export async function tellOfDomainEvents(tx: EntityManager, events: readonly NewDomainEvent[]): Promise<void> {
  const gone = events.filter(({ type }) => type === goneEvent);
  await disableGoneWebhooks(
    tx,
    gone.flatMap(({ jobId, payload }) => goneWebhook(payload).map((webhookId) => ({ jobId, webhookId }))),
  );
  const at = new Date();
  const told = events.filter(({ type }) => type !== goneEvent);
  await notifyWebhooks(
    tx,
    told.map(({ tenantId, jobId, type, payload }) => ({
      tenantId,
      type,
      at,
      data: { job_id: jobId, body: bodyOf(type, payload) },
    })),
  );
}

function goneWebhook(payload: Uint8Array): string[] {
  try {
    return [WebhookGone.decode(payload).webhookId];
  } catch {
    return []; // nothing that a delivery of ours has sent
  }
}

/** An event of a newer contract is passed on by name; its body means nothing to this version. */
function bodyOf(type: string, payload: Uint8Array): unknown {
  const definition = catalogue.event(type);
  if (!definition) return null;
  try {
    return redactSensitive(definition.bodyType, decodeToJson(definition.bodyType, payload));
  } catch {
    return null;
  }
}
