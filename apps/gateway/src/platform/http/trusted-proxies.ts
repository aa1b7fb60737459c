import { list } from '@roundhouse/service';
import { isIP } from 'node:net';
import type { z } from 'zod';

const ranges = ['loopback', 'linklocal', 'uniquelocal'];
const nobody = 'none';

function isNetwork(text: string): boolean {
  const [address = '', prefix, ...more] = text.split('/');
  const bits = { 4: 32, 6: 128 }[isIP(address)];
  if (bits === undefined || more.length > 0) return false;
  return prefix === undefined || (/^\d{1,3}$/.test(prefix) && Number(prefix) <= bits);
}

/**
 * Whose `x-forwarded-proto`, `-host` and `-for` are believed: addresses, networks (10.0.0.0/8), or the names of this machine, of its link
 * and of private networks. Anybody else can set these headers as well, and would be believed about himself alone.
 */
export const trustedProxies = () =>
  list()
    .refine(
      (proxies) => proxies.every((proxy) => ranges.includes(proxy) || isNetwork(proxy)) || `${proxies}` === nobody,
      { error: `addresses, networks such as 10.0.0.0/8, ${ranges.join(', ')}, with commas between; or ${nobody}` },
    )
    .transform((proxies) => (`${proxies}` === nobody ? [] : proxies))
    .default(ranges) satisfies z.ZodType<string[], unknown>;
