const CENSOR = '[redacted]';
const MAX_DEPTH = 6;
const secretKey =
  /authorization|cookie|passw|passphrase|secret|token|credential|api[-_]?key|private[-_]?key|encryption[-_]?key/i;
// Counts and page cursors are called tokens as well; they tell nothing.
const harmlessKey = /^(rate_?tokens?|tokens_(left|used)|max_tokens)$/i;
const jsonString = /"([\w.-]{2,64})":"((?:[^"\\]|\\.)*)"/g;
const urlPassword = /([a-z][a-z0-9+.-]*:\/\/[^\s/:@"\\]*):[^\s/@"\\]+@/gi;
// Whoever has such an address may do what it is for: signed links, status pages.
const linkToken = /([?&]token=)[^&\s"\\]+/g;
const statusToken = /(\/status\/)[\w-]{40,}/g;
const bearer = /\b(bearer|basic)\s+[\w.~+/=-]{8,}/gi;

const isSecret = (key: string) => secretKey.test(key) && !harmlessKey.test(key);

/** The last guard of a log line: texts under a secret's name, which `redact` sees only in fields, not in a child's bindings. */
export function redactLine(line: string): string {
  const shown = redactText(line);
  if (!secretKey.test(shown)) return shown;
  return shown.replace(jsonString, (pair, key: string) => (isSecret(key) ? `"${key}":"${CENSOR}"` : pair));
}

/** Hides the passwords and tokens in URLs, and bearer and basic credentials, wherever they stand in a text. */
export function redactText(text: string): string {
  let redacted = text;
  if (redacted.includes('://')) redacted = redacted.replace(urlPassword, `$1:${CENSOR}@`);
  if (redacted.includes('token=')) redacted = redacted.replace(linkToken, `$1${CENSOR}`);
  if (redacted.includes('/status/')) redacted = redacted.replace(statusToken, `$1${CENSOR}`);
  if (/bearer|basic/i.test(redacted)) redacted = redacted.replace(bearer, `$1 ${CENSOR}`);
  return redacted;
}

/** A copy of `value` with every value under a secret's name hidden, however deep; deeper than six levels is cut off. */
export function redact(value: unknown, depth = 0): unknown {
  if (typeof value !== 'object' || value === null || value instanceof Date || value instanceof Error) return value;
  if (ArrayBuffer.isView(value)) return `<${value.byteLength} bytes>`;
  if (depth >= MAX_DEPTH) return '<cut off>';
  if (Array.isArray(value)) return value.map((item) => redact(item, depth + 1));
  if (typeof (value as { toJSON?: unknown }).toJSON === 'function') return value;
  return redactFields(value as Record<string, unknown>, depth);
}

export function redactFields(fields: Record<string, unknown>, depth = 0): Record<string, unknown> {
  const copy: Record<string, unknown> = {};
  for (const [key, value] of Object.entries(fields)) {
    const hide = value !== undefined && value !== null && isSecret(key);
    copy[key] = hide ? CENSOR : redact(value, depth + 1);
  }
  return copy;
}
