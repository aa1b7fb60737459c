import { createHmac, timingSafeEqual } from 'node:crypto';

const toleranceSeconds = 300;

export interface SignedMessage {
  id: string | undefined;
  /** Seconds since 1970. */
  timestamp: string | undefined;
  /** Signatures `v1,<base64>`, separated by blanks. */
  signature: string | undefined;
  body: Buffer;
}

/**
 * Whether a message was signed with the secret, and lately: Standard Webhooks 1.0.0 (github.com/standard-webhooks), HMAC-SHA256
 * over "<id>.<timestamp>.<body>".
 * @param secret `whsec_<base64>`, or any text, whose bytes are the key then
 */
export function isGenuine(
  { id, timestamp, signature, body }: SignedMessage,
  secret: string,
  now = Date.now(),
): boolean {
  if (!id || id.length > 200 || !timestamp || !/^\d{1,12}$/.test(timestamp) || !signature) return false;
  if (Math.abs(now / 1000 - Number(timestamp)) > toleranceSeconds) return false;
  const key = secret.startsWith('whsec_') ? Buffer.from(secret.slice(6), 'base64') : Buffer.from(secret);
  const expected = createHmac('sha256', key).update(`${id}.${timestamp}.`).update(body).digest();
  return signature.split(' ').some((part) => {
    const [version, value = ''] = part.split(',');
    const given = Buffer.from(value, 'base64');
    return version === 'v1' && given.length === expected.length && timingSafeEqual(given, expected);
  });
}
