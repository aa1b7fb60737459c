/**
 * Every span and attribute name in one place. The OpenTelemetry messaging conventions are still in development, so a change
 * of theirs is an edit of this file. Names hold no ids: they must stay few enough to be grouped by.
 */
export const spanNames = {
  /** Gateway, SERVER: one HTTP request; `POST /v1/jobs`. */
  httpRequest: (method: string, route: string) => `${method} ${route}`,
  /** Gateway, INTERNAL: validation and the transaction that stores job and outbox row. */
  jobAccept: 'job accept',
  /** Relay, PRODUCER: publish until the broker's confirm. */
  outboxPublish: (queue: string) => `outbox publish ${queue}`,
  /** Worker, CONSUMER: from delivery to acknowledgement. */
  jobDeliver: (queue: string) => `job deliver ${queue}`,
  /** Worker, CLIENT: claim request to decision. */
  claim: 'claim',
  /** Ledger, SERVER: the compare-and-set of a batch of claims. */
  ledgerClaim: 'ledger claim',
  /** Worker, INTERNAL: the handler alone. */
  handler: (kind: string) => `handler ${kind}`,
  /** Worker, PRODUCER: outcome sent until confirmed. */
  outcome: 'outcome',
  /** Ledger, CONSUMER: the transaction that applies an event. */
  ledgerApply: 'ledger apply',
} as const;

export const spanAttributes = {
  messagingSystem: 'messaging.system',
  messagingOperation: 'messaging.operation.type',
  messagingDestination: 'messaging.destination.name',
  messagingMessageId: 'messaging.message.id',
  httpMethod: 'http.request.method',
  httpRoute: 'http.route',
  httpStatus: 'http.response.status_code',
  errorType: 'error.type',
  jobId: 'roundhouse.job.id',
  tenant: 'roundhouse.tenant',
  kind: 'roundhouse.kind',
  attempt: 'roundhouse.attempt',
  queue: 'roundhouse.queue',
  outcome: 'roundhouse.outcome',
} as const;

export interface JobFacts {
  jobId?: string;
  tenant?: string;
  kind?: string;
  attempt?: number;
  queue?: string;
  outcome?: string;
}

/** The attributes of a job; absent facts are left out. */
export function jobAttributes(facts: JobFacts): Record<string, string | number> {
  const attributes: Record<string, string | number> = {};
  for (const key of ['jobId', 'tenant', 'kind', 'attempt', 'queue', 'outcome'] as const) {
    const value = facts[key];
    if (value !== undefined) attributes[spanAttributes[key]] = value;
  }
  return attributes;
}

/** The attributes of one message on RabbitMQ; `destination` is the exchange or queue it goes to or comes from. */
export function messageAttributes(
  operation: 'send' | 'receive' | 'process',
  destination: string,
  messageId?: string,
): Record<string, string> {
  const attributes: Record<string, string> = {
    [spanAttributes.messagingSystem]: 'rabbitmq',
    [spanAttributes.messagingOperation]: operation,
    [spanAttributes.messagingDestination]: destination,
  };
  if (messageId !== undefined) attributes[spanAttributes.messagingMessageId] = messageId;
  return attributes;
}
