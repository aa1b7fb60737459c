import { decodeToJson, encodeJsonPayload, restoreSensitive } from '@roundhouse/contracts';
import { allows, type ApiKeyScope } from '@roundhouse/ledger';
import { isDeepStrictEqual } from 'node:util';
import { Problem } from '../http/index.js';

type Json = ReturnType<typeof decodeToJson>;

/**
 * An edited payload with the values back that its sender read as "[redacted]". Who may not read payloads gets them back only
 * where nothing else has changed: with a neighbouring field edited, an address say, the secret would go where he wants it.
 * @param original the payload that was edited; null when it cannot be read
 * @throws Problem `forbidden` that names the hidden fields
 */
export function restoreHidden(
  requestType: string,
  edited: Record<string, unknown>,
  original: Json | null,
  scopes: readonly ApiKeyScope[],
): Record<string, unknown> {
  const { payload, restored, given } = restoreSensitive(requestType, edited as never, original);
  // A value sent for one hidden field counts as a change even if it is the right one: the answer must not say so.
  const isChanged = () => given.length > 0 || !isSame(requestType, payload, original);
  if (restored.length > 0 && !allows(scopes, 'payloads:read') && isChanged()) throw refusal(restored);
  return payload as Record<string, unknown>;
}

/** Compared as messages: names of fields, defaults and numbers can be written in more than one way. */
function isSame(requestType: string, payload: Json, original: Json | null): boolean {
  const encoded = encodeJsonPayload(requestType, payload);
  return encoded.ok && isDeepStrictEqual(decodeToJson(requestType, encoded.bytes), original);
}

function refusal(hidden: readonly string[]): Problem {
  const paths = hidden.map((path) => `payload.${path}`);
  return new Problem(
    'forbidden',
    `Other fields have changed, so keeping what is hidden in ${paths.join(', ')} needs an API key with scope payloads:read: ` +
      'use one, send values of your own for these fields, or leave the others as they were',
    { errors: paths.map((path) => ({ path, message: 'still reads "[redacted]"; send its value' })) },
  );
}
