import { createHmac } from 'node:crypto';

export interface WebhookMessage {
  id: string;
  /** The JSON text as it is sent. */
  body: string;
}

/** The bytes of a secret `whsec_<base64>`. */
function keyOf(secret: string): Buffer {
  return Buffer.from(secret.replace(/^whsec_/, ''), 'base64');
}

/**
 * Headers of Standard Webhooks 1.0.0 (github.com/standard-webhooks): HMAC-SHA256 over "<id>.<timestamp>.<body>", one
 * signature for each secret, so that a receiver may still hold the one before.
 * @param secrets `whsec_…`
 */
export function signatureHeaders({ id, body }: WebhookMessage, secrets: readonly string[], now: Date) {
  const timestamp = String(Math.floor(now.getTime() / 1000));
  const signatures = secrets.map((secret) => {
    const mac = createHmac('sha256', keyOf(secret)).update(`${id}.${timestamp}.${body}`).digest('base64');
    return `v1,${mac}`;
  });
  return { 'webhook-id': id, 'webhook-timestamp': timestamp, 'webhook-signature': signatures.join(' ') };
}
