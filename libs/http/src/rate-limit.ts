import type { IncomingHttpHeaders } from 'node:http';

/** Longer waits than this are taken for nonsense; Binance's longest ban is three days. */
const LONGEST_WAIT_MS = 7 * 24 * 3_600_000;
/** A provider's reset is rounded to whole seconds: one more is waited, so that the window is really over. */
const RESET_MARGIN_MS = 1_000;

function one(value: string | string[] | undefined): string {
  return (Array.isArray(value) ? value[0] : value)?.trim() ?? '';
}

function bounded(ms: number): number | undefined {
  return Number.isFinite(ms) ? Math.min(Math.max(ms, 0), LONGEST_WAIT_MS) : undefined;
}

/** Absolute times are compared with the answer's own `Date`, so a wrong local clock does not matter. */
function serverNow(headers: IncomingHttpHeaders, now: number): number {
  const date = Date.parse(one(headers.date));
  return Number.isNaN(date) ? now : date;
}

/** Milliseconds of `Retry-After` (seconds or an HTTP date); undefined when absent or unreadable. */
export function retryAfterMs(headers: IncomingHttpHeaders, now: number): number | undefined {
  const value = one(headers['retry-after']);
  if (!value) return undefined;
  if (/^\d+(\.\d+)?$/.test(value)) return bounded(Number(value) * 1_000);
  return bounded(Date.parse(value) - serverNow(headers, now));
}

/** Milliseconds until `X-RateLimit-Reset` (unix seconds) plus one second; undefined when absent or unreadable. */
export function resetMs(headers: IncomingHttpHeaders, now: number): number | undefined {
  const value = one(headers['x-ratelimit-reset']);
  if (!/^\d{9,11}$/.test(value)) return undefined;
  return bounded(Number(value) * 1_000 - serverNow(headers, now) + RESET_MARGIN_MS);
}

/** How long a refused request (429, 418) has to wait; undefined when the provider does not say. */
export function refusedWaitMs(headers: IncomingHttpHeaders, now: number): number | undefined {
  return retryAfterMs(headers, now) ?? resetMs(headers, now);
}

/** How long the next request has to wait after an answer that used up the allowance; 0 when there is some left. */
export function exhaustedWaitMs(headers: IncomingHttpHeaders, now: number): number {
  return one(headers['x-ratelimit-remaining']) === '0' ? (resetMs(headers, now) ?? 0) : 0;
}
