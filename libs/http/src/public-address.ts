import { lookup, type LookupAddress } from 'node:dns';
import type { LookupFunction } from 'node:net';
import { JobFailure } from '@roundhouse/jobs';
import ipaddr from 'ipaddr.js';

/** Metadata services that answer on a public address (Azure's host agent). */
const PUBLIC_METADATA = new Set(['168.63.129.16']);
/** The only IPv6 block that is handed out for public use; everything outside is local, mapped, tunnelled or unassigned. */
const GLOBAL_IPV6 = ipaddr.IPv6.parseCIDR('2000::/3');

/** Whether an address may be reached on a user's behalf: not private, loopback, link-local, metadata, multicast or tunnelled. */
export function isPublicAddress(text: string): boolean {
  if (!ipaddr.isValid(text) || PUBLIC_METADATA.has(text)) return false;
  const address = ipaddr.process(text); // unwraps IPv4-mapped IPv6
  if (PUBLIC_METADATA.has(address.toString()) || address.range() !== 'unicast') return false;
  return address.kind() === 'ipv4' || (address as ipaddr.IPv6).match(GLOBAL_IPV6);
}

export function refusedAddress(host: string, address: string, field = 'base_url'): JobFailure {
  const what = host === address ? address : `${host} (${address})`;
  return new JobFailure('INVALID_INPUT', `${what} is not a public address; use the provider's public host name`, {
    field,
  });
}

/**
 * `lookup` for sockets that refuses a name as soon as one of its addresses is not public. The connection goes to the
 * very addresses checked here, so a name cannot change between the check and the connect (DNS rebinding).
 */
export const publicLookup: LookupFunction = (host, options, done) => {
  lookup(host, { ...options, all: true }, (error, found) => {
    if (error) return done(error, '', 0);
    const addresses: LookupAddress[] = found;
    const refused = addresses.find(({ address }) => !isPublicAddress(address));
    if (refused) return done(refusedAddress(host, refused.address), '', 0);
    if (options.all) return done(null, addresses);
    const first = addresses[0]!;
    return done(null, first.address, first.family);
  });
};
