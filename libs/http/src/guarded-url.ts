import { isIP } from 'node:net';
import { JobFailure } from '@roundhouse/jobs';
import { Agent, type Dispatcher } from 'undici';
import { isPublicAddress, publicLookup, refusedAddress } from './public-address.js';

export interface UrlGuard {
  /** Lets `http:` URLs through. Default false. */
  allowHttp?: boolean;
  /** Lets private, loopback, link-local and metadata addresses through. Default false. */
  allowPrivate?: boolean;
}

/**
 * The URL, if it may be fetched on a user's behalf. Names are checked when they are connected to, by `guardedDispatcher`.
 * @param what for messages: 'The base URL of Alpaca'
 * @param field at fault, for the failure
 * @throws JobFailure INVALID_INPUT
 */
export function guardedUrl(text: string, what: string, field: string, guard: UrlGuard = {}): URL {
  const refuse = (why: string): JobFailure => new JobFailure('INVALID_INPUT', `${what} ${why}`, { field });
  if (!URL.canParse(text)) throw refuse('is not a URL; give https://host');
  const url = new URL(text);
  if (url.protocol !== 'https:' && !(url.protocol === 'http:' && guard.allowHttp))
    throw refuse('must begin with https://');
  if (url.username || url.password) throw refuse('must not hold credentials');
  const host = url.hostname.replace(/^\[|\]$/g, '');
  // Addresses are not looked up when connecting, so they are checked here.
  if (!guard.allowPrivate && isIP(host) && !isPublicAddress(host)) throw refusedAddress(host, host, field);
  return url;
}

// One pool of connections for each rule, for the life of the process; idle sockets do not keep it running.
const publicAgent = new Agent({ connect: { lookup: publicLookup, timeout: 10_000 }, connections: 8 });
const anyAgent = new Agent({ connect: { timeout: 10_000 }, connections: 8 });

/** Connects to public addresses only, unless private ones are allowed. Follows no redirects. */
export const guardedDispatcher = ({ allowPrivate = false }: UrlGuard): Dispatcher =>
  allowPrivate ? anyAgent : publicAgent;
